/*
 * Buffered input and output on Apple's systems, see assert.h.
 */
#ifndef VSP_APPLE_STDIO_H
#define VSP_APPLE_STDIO_H

#include <stdarg.h>
#include <stddef.h>

typedef struct __sFILE FILE;
extern FILE *__stdinp, *__stdoutp, *__stderrp;
#define stdin __stdinp
#define stdout __stdoutp
#define stderr __stderrp
#define EOF (-1)
#define _IOFBF 0
#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2

int fflush(FILE *stream);
int ferror(FILE *stream);
int fgetc(FILE *stream);
int getc(FILE *stream);
int getchar(void);
int putchar(int c);
int puts(const char *text);
int ungetc(int c, FILE *stream);
int putc(int c, FILE *stream);
int fputc(int c, FILE *stream);
int fputs(const char *text, FILE *stream);
int fileno(FILE *stream);
size_t fwrite(const void *items, size_t size, size_t count, FILE *stream);
size_t fread(void *items, size_t size, size_t count, FILE *stream);
int feof(FILE *stream);
void clearerr(FILE *stream);
int fseek(FILE *stream, long offset, int from);
long ftell(FILE *stream);
void rewind(FILE *stream);
FILE *tmpfile(void);
FILE *fdopen(int file, const char *mode);
int rename(const char *from, const char *to);
int remove(const char *path);
int setvbuf(FILE *stream, char *buffer, int mode, size_t size);
FILE *fopen(const char *restrict path, const char *restrict mode);
int fclose(FILE *stream);
char *fgets(char *restrict line, int size, FILE *restrict stream);
int sscanf(const char *restrict text, const char *restrict format, ...) __attribute__((format(scanf, 2, 3)));
int fprintf(FILE *stream, const char *format, ...) __attribute__((format(printf, 2, 3)));
int vfprintf(FILE *stream, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
int printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
int sprintf(char *to, const char *format, ...) __attribute__((format(printf, 2, 3)));
int snprintf(char *to, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
int vsnprintf(char *to, size_t size, const char *format, va_list args) __attribute__((format(printf, 3, 0)));

#endif
