/*
 * Counts the words of a file, or of standard input: an ordinary C program, compiled for WASI.
 *
 *     clang-22 --target=wasm32-wasi -O2 examples/c/words.c -o words.wasm
 *     vspc --dir=. words.wasm -- README.md
 */
#include <ctype.h>
#include <stdio.h>

static unsigned long count(FILE *file)
{
	unsigned long words = 0;
	int c, inside = 0;
	while ((c = getc(file)) != EOF) {
		words += !inside && !isspace(c);
		inside = !isspace(c);
	}
	return words;
}

int main(int argc, char **argv)
{
	FILE *file = argc > 1 ? fopen(argv[1], "r") : stdin;
	if (!file) {
		perror(argv[1]);
		return 2;
	}
	printf("%lu\n", count(file));
	return 0;
}
