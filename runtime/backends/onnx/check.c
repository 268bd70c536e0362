/*
 * Walks the protocol-buffer messages of an ONNX model (onnx.proto) that can contain tensors, and
 * refuses tensors whose data would be read from a file. A field that is given twice counts twice,
 * so the order of fields does not matter. Nested messages are as deep as subgraphs are, with a
 * limit.
 */
#include "check.h"

#include <stdbool.h>

enum { DEEPEST = 64 };
enum { VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5 };

/* The kinds of messages in which there can be tensors. */
typedef enum message { NONE, MODEL, GRAPH, NODE, ATTRIBUTE, FUNCTION, TRAINING, SPARSE, TENSOR } message;

/* Fields that contain such messages: onnx.proto's numbers. */
static const struct {
	uint8_t in, field, is;
} children[] = {
        {MODEL, 7, GRAPH},
        {MODEL, 20, TRAINING},
        {MODEL, 25, FUNCTION},
        {TRAINING, 1, GRAPH},
        {TRAINING, 2, GRAPH},
        {FUNCTION, 7, NODE},
        {FUNCTION, 11, ATTRIBUTE},
        {GRAPH, 1, NODE},
        {GRAPH, 5, TENSOR},
        {GRAPH, 15, SPARSE},
        {NODE, 5, ATTRIBUTE},
        {ATTRIBUTE, 5, TENSOR},
        {ATTRIBUTE, 6, GRAPH},
        {ATTRIBUTE, 10, TENSOR},
        {ATTRIBUTE, 11, GRAPH},
        {ATTRIBUTE, 22, SPARSE},
        {ATTRIBUTE, 23, SPARSE},
        {SPARSE, 1, TENSOR},
        {SPARSE, 2, TENSOR},
};
/* Of a tensor: the names of its file, and where its data is (1: in the file). */
enum { EXTERNAL_DATA = 13, DATA_LOCATION = 14 };

static const char malformed[] = "the model is no ONNX file, or is cut short: its bytes are no protocol buffer";
static const char empty[] = "the model has no bytes";
static const char external[] = "the model keeps data in another file, which programs may not name";
static const char deep[] = "the model's subgraphs are nested too deeply";

typedef struct span {
	const uint8_t *at, *end;
} span;

static bool read_varint(span *s, uint64_t *value)
{
	*value = 0;
	for (unsigned shift = 0; shift < 64 && s->at < s->end; shift += 7) {
		uint8_t byte = *s->at++;
		*value |= (uint64_t)(byte & 0x7F) << shift;
		if (!(byte & 0x80))
			return true;
	}
	return false;
}

static bool skip(span *s, uint64_t n)
{
	if (n > (uint64_t)(s->end - s->at))
		return false;
	s->at += n;
	return true;
}

static message child_of(message in, uint64_t field)
{
	for (size_t i = 0; i < sizeof children / sizeof *children; i++)
		if (children[i].in == in && children[i].field == field)
			return (message)children[i].is;
	return NONE;
}

typedef struct field {
	uint64_t number, value; /* value: of VARINT, else 0 */
	unsigned kind;
	span contents; /* of BYTES */
} field;

/* False: malformed. */
static bool read_field(span *s, field *f)
{
	uint64_t tag, length;
	*f = (field){.number = 0};
	/* Readers drop what is above 32 bits, so that a larger tag would be another field to
	   them. */
	if (!read_varint(s, &tag) || tag > UINT32_MAX)
		return false;
	f->number = tag >> 3;
	f->kind = tag & 7;
	switch (f->kind) {
	case VARINT: return read_varint(s, &f->value);
	case FIXED64: return skip(s, 8);
	case FIXED32: return skip(s, 4);
	case BYTES: break;
	default: return false; /* groups, which ONNX does not have */
	}
	if (!read_varint(s, &length))
		return false;
	f->contents.at = s->at;
	bool good = skip(s, length);
	f->contents.end = s->at;
	return good;
}

static bool names_a_file(message in, const field *f)
{
	return in == TENSOR && (f->number == EXTERNAL_DATA || (f->number == DATA_LOCATION && f->value != 0));
}

/* Messages that are yet to be walked are on a stack of their ends. */
const char *vsp_onnx_check(const uint8_t *data, size_t size)
{
	struct {
		message is;
		const uint8_t *end;
	} stack[DEEPEST] = {{MODEL, data + size}};
	unsigned depth = 0;
	span s = {data, data + size};
	if (!size)
		return empty;
	for (;;) {
		s.end = stack[depth].end;
		if (s.at == s.end) {
			if (!depth)
				return NULL;
			depth--;
			continue;
		}
		field f;
		message in = stack[depth].is;
		if (!read_field(&s, &f))
			return malformed;
		if (names_a_file(in, &f))
			return external;
		message is = f.kind == BYTES ? child_of(in, f.number) : NONE;
		if (is == NONE)
			continue;
		if (++depth == DEEPEST)
			return deep;
		stack[depth].is = is;
		stack[depth].end = f.contents.end;
		s.at = f.contents.at;
	}
}
