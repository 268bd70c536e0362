/*
 * Data as a person would write it: strings, zeros, and .byte for the rest. Every choice gives the
 * same bytes, so only readability depends on it.
 */
#include "disasm.h"

enum {
	ZEROS_MIN = 8,   /* shorter runs of zeros are .byte */
	STRING_MIN = 5,  /* the same for text */
	STRING_MAX = 64, /* bytes of a string on one line */
	BYTES_A_LINE = 16
};

static size_t zero_run(const uint8_t *p, size_t n)
{
	size_t i = 0;
	while (i < n && !p[i])
		i++;
	return i;
}

static size_t text_run(const uint8_t *p, size_t n)
{
	size_t i = 0;
	while (i < n && i < STRING_MAX && ((p[i] >= 0x20 && p[i] < 0x7F) || p[i] == '\n'))
		i++;
	return i;
}

bool vsp_disasm_starts_run(const uint8_t *p, size_t n)
{
	return zero_run(p, n < ZEROS_MIN ? n : ZEROS_MIN) >= ZEROS_MIN || text_run(p, n) >= STRING_MIN;
}

static size_t add_string(vsp_text *out, const uint8_t *p, size_t n)
{
	size_t length = text_run(p, n);
	bool ends = length < n && !p[length];
	vsp_text_string(out, ends ? "\t.asciz  " : "\t.ascii  ");
	vsp_text_quoted(out, (const char *)p, length);
	vsp_text_string(out, "\n");
	return length + ends;
}

static size_t add_plain_bytes(vsp_text *out, const uint8_t *p, size_t n)
{
	size_t i = 0;
	do {
		vsp_text_format(out, i ? ", 0x%02X" : "\t.byte   0x%02X", p[i]);
		i++;
	} while (i < n && i < BYTES_A_LINE && !vsp_disasm_starts_run(p + i, n - i));
	vsp_text_string(out, "\n");
	return i;
}

void vsp_disasm_bytes(vsp_text *out, const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n;) {
		size_t zeros = zero_run(bytes + i, n - i);
		if (zeros >= ZEROS_MIN) {
			vsp_text_format(out, "\t.space  %zu\n", zeros);
			i += zeros;
		} else if (text_run(bytes + i, n - i) >= STRING_MIN) {
			i += add_string(out, bytes + i, n - i);
		} else {
			i += add_plain_bytes(out, bytes + i, n - i);
		}
	}
}
