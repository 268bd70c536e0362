/*
 * The platform for Windows on x86-64, as far as compiled programs need it, too: address space,
 * protected calls, time, randomness and threads. Streams, files, libraries and processes are in the
 * other windows_*.c.
 *
 * Protected calls. A process-wide vectored exception handler is installed at the first protected
 * call that has a region. After an access violation within the region of the thread's innermost
 * protected call, execution continues in fault_landing, on the thread's own stack, and from there
 * returns to vsp_plat_protect; all other violations are left to the next handler. longjmp would
 * unwind frame by frame, but some frames have no unwind data; after _setjmp without a frame, as
 * used here, it only sets registers.
 */
#define _WIN32_WINNT 0x0602 /* Windows 8: GetCurrentThreadStackLimits */
#include "local.h"

#include <windows.h>

#include <ntsecapi.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <stdio.h>

#include "runtime/base/alloc.h"

/* ---- address space ---- */

size_t vsp_plat_page_size(void)
{
	SYSTEM_INFO info;
	GetSystemInfo(&info);
	return info.dwPageSize;
}

void *vsp_plat_reserve(uint64_t bytes) { return VirtualAlloc(NULL, bytes, MEM_RESERVE, PAGE_NOACCESS); }

bool vsp_plat_commit(void *address, uint64_t bytes)
{
	return VirtualAlloc(address, bytes, MEM_COMMIT, PAGE_READWRITE) != NULL;
}

void vsp_plat_prefer_large_pages(void *address, uint64_t bytes)
{
	(void)address; /* they must be requested when address space is reserved, by users with a special right */
	(void)bytes;
}

bool vsp_plat_decommit(void *address, uint64_t bytes) { return VirtualFree(address, bytes, MEM_DECOMMIT) != 0; }

bool vsp_plat_discard(void *address, uint64_t bytes)
{
	return vsp_plat_decommit(address, bytes) && vsp_plat_commit(address, bytes);
}

bool vsp_plat_make_executable(void *address, uint64_t bytes)
{
	DWORD old;
	FlushInstructionCache(GetCurrentProcess(), address, bytes);
	return VirtualProtect(address, bytes, PAGE_EXECUTE_READ, &old) != 0;
}

bool vsp_plat_make_read_only(void *address, uint64_t bytes)
{
	DWORD old;
	return VirtualProtect(address, bytes, PAGE_READONLY, &old) != 0;
}

void vsp_plat_release(void *address, uint64_t bytes)
{
	(void)bytes; /* reservations are released as a whole */
	VirtualFree(address, 0, MEM_RELEASE);
}

/* ---- protected calls ---- */

static atomic_bool installed;
static INIT_ONCE install_once = INIT_ONCE_STATIC_INIT;

static _Noreturn void region_leave(vsp_plat_region *region, vsp_plat_outcome outcome)
{
	longjmp(*(jmp_buf *)region->frame, outcome);
}

/*
 * A thread that hit a guard page continues here, and not in the handler, because that must return.
 */
static void fault_landing(void) { region_leave(vsp_plat_innermost, VSP_PLAT_FAULT); }

static LONG CALLBACK handle_fault(EXCEPTION_POINTERS *e)
{
	const EXCEPTION_RECORD *record = e->ExceptionRecord;
	vsp_plat_region *region = vsp_plat_innermost;
	if (!region || record->ExceptionCode != EXCEPTION_ACCESS_VIOLATION || record->NumberParameters < 2)
		return EXCEPTION_CONTINUE_SEARCH;
	uintptr_t at = record->ExceptionInformation[1], base = (uintptr_t)region->base;
	if (at < base || at - base >= region->size)
		return EXCEPTION_CONTINUE_SEARCH;
	const void *pc = (const void *)(uintptr_t)e->ContextRecord->Rip;
	const void *elsewhere = region->resume ? region->resume(region->resume_arg, pc) : NULL;
	if (elsewhere) {
		e->ContextRecord->Rip = (uintptr_t)elsewhere;
		return EXCEPTION_CONTINUE_EXECUTION;
	}
	region->fault = (const void *)at;
	region->pc = pc;
	e->ContextRecord->Rip = (uintptr_t)fault_landing;
	/*
	 * The same state as after a call: 32 bytes for the callee, and the return address off the
	 * boundary of 16.
	 */
	e->ContextRecord->Rsp = ((e->ContextRecord->Rsp - 32) & ~(DWORD64)15) - 8;
	return EXCEPTION_CONTINUE_EXECUTION;
}

/* The handler stays for ever, and so must the object that contains it. */
static BOOL CALLBACK install(INIT_ONCE *once, void *argument, void **context)
{
	HMODULE pinned;
	DWORD how = GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS;
	(void)once, (void)argument, (void)context;
	bool good = GetModuleHandleExA(how, (const char *)(uintptr_t)handle_fault, &pinned) &&
	            AddVectoredExceptionHandler(1, handle_fault);
	atomic_store(&installed, good);
	return TRUE;
}

bool vsp_plat_has_guard(void)
{
	if (!atomic_load_explicit(&installed, memory_order_acquire))
		InitOnceExecuteOnce(&install_once, install, NULL, NULL);
	return atomic_load_explicit(&installed, memory_order_relaxed);
}

vsp_plat_outcome vsp_plat_protect(vsp_plat_region *region, void (*fn)(void *), void *arg)
{
	jmp_buf back;
	if (region->size) /* otherwise no fault is its own, and programs may ask for no handlers */
		vsp_plat_has_guard();
	region->frame = &back;
	vsp_plat_region_open(region);
	int outcome = _setjmp(back, NULL);
	if (outcome == VSP_PLAT_RETURNED)
		fn(arg);
	vsp_plat_region_close(region);
	return (vsp_plat_outcome)outcome;
}

void vsp_plat_leave(void) { region_leave(vsp_plat_innermost, VSP_PLAT_LEFT); }

void vsp_plat_backtrace(void) {} /* only the innermost frame is known, from the program's own table */

/* ---- no stoppers: compiled loops poll the flag ---- */

bool vsp_plat_has_stopper(void) { return false; }
vsp_plat_stopper *vsp_plat_stopper_create(void) { return NULL; }
void vsp_plat_stopper_destroy(vsp_plat_stopper *stopper) { (void)stopper; }
bool vsp_plat_stopper_is_mine(const vsp_plat_stopper *stopper) { return stopper == NULL; }
void vsp_plat_stopper_fire(vsp_plat_stopper *stopper) { (void)stopper; }
void vsp_plat_stopper_rest(vsp_plat_stopper *stopper) { (void)stopper; }

/* ---- time and randomness ---- */

uint64_t vsp_plat_clock_ns(void)
{
	LARGE_INTEGER count, rate;
	QueryPerformanceCounter(&count);
	QueryPerformanceFrequency(&rate);
	uint64_t c = (uint64_t)count.QuadPart, r = (uint64_t)rate.QuadPart, ns = UINT64_C(1000000000);
	return c / r * ns + c % r * ns / r;
}

bool vsp_plat_random(void *buffer, size_t size) { return size <= UINT32_MAX && RtlGenRandom(buffer, (ULONG)size); }

/* ---- threads ---- */

bool vsp_plat_stack(const void **low, const void **high)
{
	ULONG_PTR first, end;
	GetCurrentThreadStackLimits(&first, &end);
	*low = (const void *)first;
	*high = (const void *)end;
	return true;
}

struct vsp_plat_thread {
	HANDLE handle;
	void (*fn)(void *);
	void *arg;
};

static DWORD WINAPI thread_main(void *opaque)
{
	vsp_plat_thread *t = opaque;
	vsp_plat_fp_text_enter(); /* for the rest of the thread's life */
	t->fn(t->arg);
	return 0;
}

vsp_plat_thread *vsp_plat_thread_start(void (*fn)(void *), void *arg)
{
	vsp_plat_thread *t = vsp_alloc(1, sizeof *t);
	if (!t)
		return NULL;
	t->fn = fn;
	t->arg = arg;
	t->handle = CreateThread(NULL, VSP_PLAT_THREAD_STACK, thread_main, t, STACK_SIZE_PARAM_IS_A_RESERVATION, NULL);
	if (!t->handle) /* there is too little address space */
		t->handle = CreateThread(NULL, 0, thread_main, t, 0, NULL);
	if (t->handle)
		return t;
	vsp_free_memory(t);
	return NULL;
}

unsigned vsp_plat_processors(void)
{
	DWORD count = GetActiveProcessorCount(ALL_PROCESSOR_GROUPS);
	return count ? (unsigned)count : 1;
}

bool vsp_plat_processor_is_idle(void) { return !SwitchToThread(); }

void vsp_plat_thread_join(vsp_plat_thread *thread)
{
	WaitForSingleObject(thread->handle, INFINITE);
	CloseHandle(thread->handle);
	vsp_free_memory(thread);
}

void vsp_plat_thread_park(void)
{
	for (;;)
		Sleep(INFINITE);
}

void vsp_plat_thread_leave(vsp_plat_thread *thread)
{
	CloseHandle(thread->handle);
	vsp_free_memory(thread);
}

struct vsp_plat_mutex {
	SRWLOCK lock;
	CONDITION_VARIABLE changed;
};

vsp_plat_mutex *vsp_plat_mutex_create(void)
{
	vsp_plat_mutex *m = vsp_alloc(1, sizeof *m);
	if (m) {
		InitializeSRWLock(&m->lock);
		InitializeConditionVariable(&m->changed);
	}
	return m;
}

void vsp_plat_mutex_destroy(vsp_plat_mutex *mutex) { vsp_free_memory(mutex); }
void vsp_plat_mutex_renew(vsp_plat_mutex *mutex) { InitializeSRWLock(&mutex->lock); }
void vsp_plat_mutex_lock(vsp_plat_mutex *mutex) { AcquireSRWLockExclusive(&mutex->lock); }
void vsp_plat_mutex_unlock(vsp_plat_mutex *mutex) { ReleaseSRWLockExclusive(&mutex->lock); }
void vsp_plat_mutex_signal(vsp_plat_mutex *mutex) { WakeAllConditionVariable(&mutex->changed); }

bool vsp_plat_mutex_wait(vsp_plat_mutex *mutex, uint64_t timeout_ns)
{
	uint64_t ms = timeout_ns / 1000000 + (timeout_ns % 1000000 != 0);
	DWORD wait = timeout_ns == UINT64_MAX || ms >= INFINITE ? INFINITE : (DWORD)ms;
	return SleepConditionVariableSRW(&mutex->changed, &mutex->lock, wait, 0) != 0;
}

/* ---- no signals, and only one stack ---- */

unsigned vsp_plat_signals_open(void) { return 0; }
void vsp_plat_signals_close(unsigned blocked) { (void)blocked; }

bool vsp_plat_changes_stacks(void) { return false; }

void vsp_plat_call_on_stack(void *top, void (*fn)(void *), void *arg)
{
	(void)top;
	fn(arg);
}
