/*
 * Names: a hash table over the symbols in order of definition. Names that begin with '.' are local
 * to their function, and imports ("module.name") have a space of their own. Also the names of
 * registers.
 */
#include "asm.h"

#include <string.h>

#include "runtime/base/alloc.h"

/* FNV-1a 32. */
uint32_t asm_hash(const char *text, uint32_t length)
{
	uint32_t hash = 0x811C9DC5;
	for (uint32_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)text[i]) * 0x01000193u;
	return hash;
}

bool asm_same_word(const char *text, uint32_t length, const char *word)
{
	for (uint32_t i = 0; i < length; i++) {
		char a = text[i], b = word[i];
		if (a >= 'a' && a <= 'z')
			a = (char)(a - 32);
		if (b >= 'a' && b <= 'z')
			b = (char)(b - 32);
		if (!b || a != b)
			return false;
	}
	return word[length] == 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int asm_register(const char *name, uint32_t length)
{
	if (asm_same_word(name, length, "SP"))
		return 16;
	if (length < 2 || length > 3 || (name[0] | 0x20) != 'r')
		return -1;
	if (length == 2)
		return hex_digit(name[1]);
	return name[1] == '1' && name[2] >= '0' && name[2] <= '5' ? 10 + name[2] - '0' : -1;
}

int asm_layer(const char *name, uint32_t length)
{
	return length == 2 && (name[0] | 0x20) == 'l' ? hex_digit(name[1]) : -1;
}

/* FNV-1a on 64 bits with mixing, from an initial value that differs in each run: names that
   collide in one run do not in another. */
static uint32_t hash_name(const asm_state *as, const char *name, uint32_t length)
{
	uint64_t hash = as->salt;
	for (uint32_t i = 0; i < length; i++) {
		hash = (hash ^ (unsigned char)name[i]) * UINT64_C(0x100000001B3);
		hash ^= hash >> 29;
	}
	return (uint32_t)(hash ^ hash >> 32);
}

static uint32_t find(const asm_state *as, const char *name, uint32_t length, uint32_t scope, bool imports)
{
	uint32_t hash = hash_name(as, name, length);
	if (!as->bucket_count)
		return ASM_NONE;
	for (uint32_t i = as->buckets[hash & (as->bucket_count - 1)]; i; i = as->symbols[i - 1].next) {
		const asm_symbol *s = &as->symbols[i - 1];
		if (s->hash == hash && s->length == length && s->scope == scope && (s->kind == ASM_IMPORT) == imports &&
		        memcmp(s->name, name, length) == 0)
			return i - 1;
	}
	return ASM_NONE;
}

asm_symbol *asm_lookup(const asm_state *as, const char *name, uint32_t length, uint32_t scope, bool imports)
{
	uint32_t found = scope ? find(as, name, length, scope, imports) : ASM_NONE;
	if (found == ASM_NONE)
		found = find(as, name, length, 0, imports);
	if (found == ASM_NONE && as->main_symbol && !imports && length == 4 && memcmp(name, "main", 4) == 0)
		found = as->main_symbol - 1;
	return found == ASM_NONE ? NULL : &as->symbols[found];
}

static void link_symbol(asm_state *as, uint32_t i)
{
	uint32_t *bucket = &as->buckets[as->symbols[i].hash & (as->bucket_count - 1)];
	as->symbols[i].next = *bucket;
	*bucket = i + 1;
}

static bool rehash(asm_state *as)
{
	if (as->symbol_count < as->bucket_count)
		return true;
	uint32_t count = as->bucket_count ? as->bucket_count * 2 : 64;
	uint32_t *buckets = vsp_alloc(count, sizeof *buckets);
	if (!buckets)
		return asm_out_of_memory(as);
	vsp_free_memory(as->buckets);
	as->buckets = buckets;
	as->bucket_count = count;
	for (uint32_t i = 0; i < as->symbol_count; i++)
		link_symbol(as, i);
	return true;
}

/* May a symbol have this name? */
static bool name_usable(asm_state *as, asm_span span, const char *name, uint32_t length)
{
	if (asm_register(name, length) >= 0)
		return asm_error(as, span, NULL, "'%.*s' is a register and cannot be defined", (int)length, name);
	if (length == 0 || length > VSP_NAME_MAX)
		return asm_error(as, span, NULL, "a name has 1 to %d bytes, not %u", VSP_NAME_MAX, length);
	if (!vsp_text_is_utf8(name, length))
		return asm_error(as, span, NULL, "this name is not valid UTF-8");
	return true;
}

static asm_symbol *add_symbol(
        asm_state *as, asm_span span, const char *name, uint32_t length, asm_symbol_kind kind, uint32_t scope)
{
	asm_symbol *moved = asm_grow(as, as->symbols, as->symbol_count, &as->symbol_capacity, sizeof *moved);
	if (!moved)
		return NULL;
	as->symbols = moved;
	if (!rehash(as))
		return NULL;
	asm_symbol *s = &as->symbols[as->symbol_count];
	*s = (asm_symbol){.name = asm_string(as, name, length),
	        .length = length,
	        .hash = hash_name(as, name, length),
	        .scope = scope,
	        .span = span,
	        .kind = (uint8_t)kind,
	        .index = ASM_NONE};
	link_symbol(as, as->symbol_count++);
	return as->oom ? NULL : s;
}

void asm_begin_main(asm_state *as, asm_span span)
{
	if (as->main_symbol)
		return;
	const asm_symbol *other = asm_lookup(as, "main", 4, 0, false);
	if (other && other->kind == ASM_FUNC) {
		asm_error(as, span, NULL,
		        "code outside functions is a function 'main', and there is a .func main already");
		asm_note(as, other->span, "it is defined here");
	}
	asm_symbol *symbol = add_symbol(as, span, "main", 4, ASM_FUNC, ASM_HIDDEN);
	if (!symbol)
		return;
	symbol->index = 0;
	as->main_symbol = as->symbol_count;
}

asm_symbol *asm_define(
        asm_state *as, asm_span span, const char *name, uint32_t length, asm_symbol_kind kind, uint32_t scope)
{
	if (!name_usable(as, span, name, length))
		return NULL;
	uint32_t previous = find(as, name, length, scope, kind == ASM_IMPORT);
	if (previous != ASM_NONE) {
		asm_error(as, span, NULL, "redefinition of '%.*s'", (int)length, name);
		asm_note(as, as->symbols[previous].span, "previous definition is here");
		return NULL;
	}
	return add_symbol(as, span, name, length, kind, scope);
}

const char *asm_nearest_symbol(asm_state *as, const char *name, uint32_t length, uint32_t scope, unsigned kinds)
{
	vsp_nearest guess = vsp_nearest_start(name, length);
	if (as->errors >= ASM_MAX_ERRORS || as->symbol_count > as->candidates)
		return NULL;
	as->candidates -= as->symbol_count;
	for (uint32_t i = 0; i < as->symbol_count; i++) {
		const asm_symbol *s = &as->symbols[i];
		if ((kinds >> s->kind & 1) && (s->scope == 0 || s->scope == scope))
			vsp_nearest_try(&guess, s->name, s->length);
	}
	return asm_nearest(as, &guess);
}

uint32_t asm_scope(const asm_state *as) { return as->func + 1; }

asm_item *asm_add_item(asm_state *as, asm_span span)
{
	if (!as->func)
		asm_begin_main(as, span);
	asm_func *func = &as->funcs[as->func];
	asm_item *moved = asm_grow(as, func->items, func->item_count, &func->item_capacity, sizeof *moved);
	if (!moved)
		return NULL;
	func->items = moved;
	asm_item *item = &func->items[func->item_count++];
	*item = (asm_item){.span = span};
	return item;
}
