/*
 * The account of the memory that a program makes the library allocate beside its linear memory,
 * with its limit, in bytes: code decoded for tier 0, counters, room for batch instructions, states
 * in channels, tensors of models, mirrors of memory on devices. There is one per instance.
 * docs/embedding.md says what is not counted because it is fixed, or bounded by another limit.
 */
#ifndef VSP_RUNTIME_ACCOUNT_H
#define VSP_RUNTIME_ACCOUNT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct vsp_account {
	size_t limit;        /* 0: nothing, in an account that was never opened */
	_Atomic size_t used; /* the compile thread counts too */
} vsp_account;

/*
 * Limits the account to the maximum size of linear memory and VSP_ACCOUNT_MORE, so that a device
 * has room for a mirror of all of it; used bytes are allocated already.
 */
enum { VSP_ACCOUNT_MORE = 16 << 20 };
static inline void vsp_account_open(vsp_account *account, uint64_t memory, size_t used)
{
	uint64_t limit = memory + VSP_ACCOUNT_MORE;
	account->limit = limit < SIZE_MAX ? (size_t)limit : SIZE_MAX;
	atomic_init(&account->used, used);
}

/*
 * Counts bytes that are about to be allocated. False: the limit does not allow them. A null account
 * has no limit.
 */
static inline bool vsp_account_take(vsp_account *account, uint64_t bytes)
{
	if (!account)
		return true;
	size_t used = atomic_load_explicit(&account->used, memory_order_relaxed);
	do
		if (account->limit && (used > account->limit || bytes > account->limit - used))
			return false;
	while (!atomic_compare_exchange_weak(&account->used, &used, used + (size_t)bytes));
	return true;
}

static inline void vsp_account_give(vsp_account *account, uint64_t bytes)
{
	if (account)
		atomic_fetch_sub(&account->used, (size_t)bytes);
}

#endif
