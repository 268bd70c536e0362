/*
 * A reader of JSON as wabt's wast2json writes it: the text becomes a tree of values, whose strings
 * are unescaped in place. What is no JSON gives null.
 */
#ifndef VSP_TEST_SPEC_JSON_H
#define VSP_TEST_SPEC_JSON_H

#include <stdbool.h>
#include <stddef.h>

typedef enum json_kind { JSON_STRING, JSON_LIST, JSON_OBJECT, JSON_OTHER } json_kind;

typedef struct json {
	json_kind kind;
	char *text;         /* of a string, of number and words: 0-terminated */
	size_t size;        /* bytes of text, which may contain zeros */
	char *key;          /* in an object */
	struct json *first; /* of a list or object */
	struct json *next;
} json;

/* text is changed and must outlive the value; to be freed with json_free. */
json *json_read(char *text);
void json_free(json *value);
/* The member with that key, or null; value may be null. */
const json *json_get(const json *value, const char *key);
/* Its text, or "" when there is none. */
const char *json_text(const json *value, const char *key);
unsigned json_length(const json *value);

#endif
