/*
 * WASI against hostile programs and hostile neighbours: whatever a path or a link says, and whoever
 * changes folders meanwhile, nothing outside the granted folder is reached. And interrupts, which
 * end every wait.
 */
#include "wasi_folder.h"

#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

/* ---- paths ---- */

/* Every function with a path refuses this one, as a path and as the target of the other kind. */
static void refused_everywhere(const char *path, int error)
{
	uint32_t r = room(64);
	for (int follow = 0; follow < 2; follow++) {
		FAILS(error, path_open, DIR_FD, follow, TEXT(path), 0, 2, 0, 0, r);
		FAILS(error, path_open, DIR_FD, follow, TEXT(path), O_CREATE, ALL, ALL, 0, r);
		FAILS(error, path_open, DIR_FD, follow, TEXT(path), O_CREATE | O_NEW, ALL, ALL, 0, r);
		FAILS(error, path_open, DIR_FD, follow, TEXT(path), O_FOLDER, 0, 0, 0, r);
		FAILS(error, path_filestat_get, DIR_FD, follow, TEXT(path), r);
		FAILS(error, path_filestat_set_times, DIR_FD, follow, TEXT(path), 0, 0, 1);
		FAILS(error, path_link, DIR_FD, follow, TEXT(path), DIR_FD, TEXT("new"));
	}
	FAILS(error, path_link, DIR_FD, 0, TEXT("own"), DIR_FD, TEXT(path));
	FAILS(error, path_create_directory, DIR_FD, TEXT(path));
	FAILS(error, path_remove_directory, DIR_FD, TEXT(path));
	FAILS(error, path_unlink_file, DIR_FD, TEXT(path));
	FAILS(error, path_readlink, DIR_FD, TEXT(path), r, 64, r);
	FAILS(error, path_rename, DIR_FD, TEXT(path), DIR_FD, TEXT("new"));
	FAILS(error, path_rename, DIR_FD, TEXT("own"), DIR_FD, TEXT(path));
	FAILS(error, path_symlink, TEXT("own"), DIR_FD, TEXT(path));
	w.used = 0;
}

static void nothing_has_happened_outside(void)
{
	in_base("[ \"$(ls -A outside)\" = secret ] && [ \"$(cat outside/secret)\" = secret ] &&"
	        "[ \"$(ls -A | tr '\\n' ' ')\" = 'granted outside ' ]");
}

static void paths_that_lead_out_are_refused(void **state)
{
	(void)state;
	in_base("cd granted && mkdir d && : > own && ln -s ../outside out && ln -s .. up && ln -s ../.. d/upup");
	char absolute[160];
	snprintf(absolute, sizeof absolute, "%s/outside/secret", folder.base);
	static const char *const bad[] = {"../outside/secret", "/etc/passwd", "/", "..", "../", "../granted/own",
	        "d/../../outside/secret", "d/../..", "./../outside", "d/./.././../outside/secret", "out/secret",
	        "out/../granted/own", "up/outside/secret", "d/upup/outside/secret", "up/granted/own", "d/upup/x",
	        "up/.", "out/..", "out/.", "up/.."};
	for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++)
		refused_everywhere(bad[i], NOTCAPABLE);
	refused_everywhere(absolute, NOTCAPABLE);
	/* A slash behind a link makes a folder of it, even where links are not followed. */
	FAILS(NOTCAPABLE, path_open, DIR_FD, 0, TEXT("out/"), O_FOLDER, 0, 0, 0, room(4));
	FAILS(NOTCAPABLE, path_filestat_get, DIR_FD, 0, TEXT("up/"), room(64));
	FAILS(NOTCAPABLE, path_filestat_set_times, DIR_FD, 0, TEXT("out/"), 0, 0, 1);
	FAILS(EXIST, path_create_directory, DIR_FD, TEXT("out/"));
	FAILS(NOTDIR, path_remove_directory, DIR_FD, TEXT("out/"));
	FAILS(NOTDIR, path_unlink_file, DIR_FD, TEXT("out/"));
	nothing_has_happened_outside();
}

/* A link at the end of a path, where it is followed. */
static void links_that_lead_out_are_refused(void **state)
{
	(void)state;
	uint32_t r = room(64);
	in_base("cd granted && mkdir d && : > own && ln -s ../outside/secret relative && ln -s \"$PWD/own\" absolute &&"
	        "ln -s /etc/passwd passwd && ln -s ../outside/new new && ln -s ../../outside/secret d/deep &&"
	        "ln -s relative twice && ln -s d/deep through && ln -s .. up && ln -s / root");
	static const char *const bad[] = {
	        "relative", "absolute", "passwd", "new", "d/deep", "twice", "through", "up", "root"};
	for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
		FAILS(NOTCAPABLE, path_open, DIR_FD, 1, TEXT(bad[i]), 0, 2, 0, 0, r);
		FAILS(NOTCAPABLE, path_open, DIR_FD, 1, TEXT(bad[i]), O_CREATE, ALL, ALL, 0, r);
		FAILS(NOTCAPABLE, path_filestat_get, DIR_FD, 1, TEXT(bad[i]), r);
		FAILS(NOTCAPABLE, path_filestat_set_times, DIR_FD, 1, TEXT(bad[i]), 0, 0, 1);
		FAILS(NOTCAPABLE, path_link, DIR_FD, 1, TEXT(bad[i]), DIR_FD, TEXT("hard"));
		FAILS(LOOP, path_open, DIR_FD, 0, TEXT(bad[i]), 0, 2, 0, 0, r);
		/* The link itself is the program's. */
		WORKS(path_filestat_get, DIR_FD, 0, TEXT(bad[i]), r);
		WORKS(path_filestat_set_times, DIR_FD, 0, TEXT(bad[i]), 0, 0, 1);
	}
	nothing_has_happened_outside();
}

static void links_to_absolute_paths_are_not_made(void **state)
{
	(void)state;
	FAILS(NOTCAPABLE, path_symlink, TEXT("/etc/passwd"), DIR_FD, TEXT("l"));
	FAILS(NOTCAPABLE, path_symlink, TEXT("/"), DIR_FD, TEXT("l"));
	FAILS(INVAL, path_symlink, put("a"), 2, DIR_FD, TEXT("l"));
	WORKS(path_symlink, TEXT("../outside/secret"), DIR_FD, TEXT("l")); /* as long as nobody follows it */
	assert_int_equal(open_at(DIR_FD, "l", 0, ALL, true), -NOTCAPABLE);
}

/* A descriptor of a folder may still go up to the root that it came from. Its own root is
   itself. */
static void folders_opened_by_the_program_are_roots(void **state)
{
	(void)state;
	in_base("mkdir granted/d && echo text > granted/f && ln -s ../f granted/d/l");
	int64_t d = opened("d", O_FOLDER);
	assert_int_equal(open_at(d, "../f", 0, ALL, false), -NOTCAPABLE);
	assert_int_equal(open_at(d, "l", 0, ALL, true), -NOTCAPABLE);
	assert_string_equal(read_text(opened("d/l", 0)), "text\n");
}

/* Links of /proc lead where no path does. */
static void magic_links_are_not_followed(void **state)
{
	(void)state;
	uint32_t r = room(64);
	vsp_wasi_preopen proc = {sizeof proc, 0, "/proc", "/proc"};
	vsp_wasi_config config = VSP_WASI_CONFIG_INIT;
	config.preopens = &proc;
	config.preopen_count = 1;
	wasi_close();
	wasi_open(&config);
	static const char *const bad[] = {"self/root", "self/cwd", "self/exe", "self/fd/0", "self/root/etc/passwd",
	        "self/cwd/.", "self/fd/3", "thread-self/root"};
	for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++)
		for (int follow = 0; follow < 2; follow++) {
			int got = CALL(path_open, DIR_FD, follow, TEXT(bad[i]), 0, 2, 0, 0, r);
			if (got != NOTCAPABLE && got != LOOP && got != NOENT)
				print_error("%s: %d\n", bad[i], got);
			assert_true(got == NOTCAPABLE || got == LOOP || got == NOENT);
		}
	assert_true(open_at(DIR_FD, "self/status", 0, 2, true) > 3);
}

/* ---- files that are no files ---- */

static void only_files_and_folders_are_opened(void **state)
{
	(void)state;
	uint32_t r = room(64);
	in_base("mkfifo granted/fifo && ln -s fifo granted/link");
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	snprintf(name.sun_path, sizeof name.sun_path, "%s/socket", folder.granted);
	int s = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(s, (struct sockaddr *)&name, sizeof name), 0);
	static const char *const names[] = {"fifo", "link", "socket"};
	static const int64_t rights[] = {1 << 1, 1 << 6, 1 << 1 | 1 << 6, 0};
	for (unsigned i = 0; i < 3; i++)
		for (unsigned k = 0; k < 4; k++) /* without a peer, opening would wait */
			FAILS(NOTCAPABLE, path_open, DIR_FD, 1, TEXT(names[i]), 0, rights[k], 0, 0, r);
	WORKS(path_filestat_get, DIR_FD, 0, TEXT("socket"), r);
	assert_int_equal(get(r + 16, 1), 6);
	close(s);
}

static void devices_are_not_opened(void **state)
{
	(void)state;
	uint32_t r = room(4);
	vsp_wasi_preopen dev = {sizeof dev, 0, "/dev", "/dev"};
	vsp_wasi_config config = VSP_WASI_CONFIG_INIT;
	config.preopens = &dev;
	config.preopen_count = 1;
	wasi_close();
	wasi_open(&config);
	FAILS(NOTCAPABLE, path_open, DIR_FD, 1, TEXT("null"), 0, 2, 0, 0, r);
	FAILS(NOTCAPABLE, path_open, DIR_FD, 1, TEXT("zero"), 0, 2 | 1 << 6, 0, 0, r);
	assert_int_equal(vsp_wasi_entry_at(w.wasi, 4), NULL);
}

/* ---- races ---- */

static atomic_bool racing;

/* Exchanges a folder, or a file, and a link that leads out, as fast as possible. */
static void *swap(void *arg)
{
	const char *what = arg;
	char name[160], other[160], third[160];
	snprintf(name, sizeof name, "%s/%s", folder.granted, what);
	snprintf(other, sizeof other, "%s/%s.link", folder.granted, what);
	snprintf(third, sizeof third, "%s/%s.third", folder.granted, what);
	while (atomic_load(&racing)) {
		rename(name, third);
		rename(other, name);
		rename(third, other);
	}
	return NULL;
}

static bool is_secret(int64_t fd)
{
	const char *text = read_text(fd);
	bool found = strstr(text, "secret") != NULL;
	WORKS(fd_close, fd);
	return found;
}

static void race(const char *what, const char *path, bool follow)
{
	enum { ROUNDS = 20000 / VSP_TEST_EVERY };
	pthread_t thread;
	atomic_store(&racing, true);
	assert_int_equal(pthread_create(&thread, NULL, swap, (void *)(uintptr_t)what), 0);
	for (int i = 0; i < ROUNDS; i++) {
		uint32_t info = room(64);
		int64_t fd = open_at(DIR_FD, path, 0, 2, follow);
		assert_true(fd == -NOENT || fd == -NOTCAPABLE || fd == -LOOP || fd == -NOTDIR || fd > 3);
		if (fd > 3)
			assert_false(is_secret(fd));
		if (CALL(path_filestat_get, DIR_FD, follow, TEXT(path), info) == 0)
			assert_int_not_equal(get(info + 32, 8), 7); /* the secret's size */
		CALL(path_unlink_file, DIR_FD, TEXT("d/secret"));
		fd = open_at(DIR_FD, "d/made", O_CREATE, 2, follow);
		if (fd > 3)
			WORKS(fd_close, fd);
		w.used = 0;
	}
	atomic_store(&racing, false);
	pthread_join(thread, NULL);
	in_base("[ \"$(ls -A outside)\" = secret ] && [ \"$(cat outside/secret)\" = secret ]");
}

static void a_folder_that_becomes_a_link_leads_nowhere(void **state)
{
	(void)state;
	in_base("cd granted && mkdir d && echo own > d/file && ln -s ../outside d.link && echo secret > "
	        "../outside/secret");
	race("d", "d/secret", false);
}

static void a_file_that_becomes_a_link_leads_nowhere(void **state)
{
	(void)state;
	in_base("cd granted && mkdir d && echo own > f && ln -s ../outside/secret f.link");
	race("f", "f", true);
	in_base("cd granted && rm -rf f* && echo own > f && ln -s ../outside/secret f.link");
	race("f", "f", false);
}

/* A folder that is moved out of the root while the program is in it. */
static void a_folder_that_is_moved_away_leads_nowhere(void **state)
{
	(void)state;
	enum { ROUNDS = 5000 / VSP_TEST_EVERY };
	in_base("mkdir -p granted/a/b granted/.a outside/.a");
	for (int i = 0; i < ROUNDS; i++) {
		char inside[160], away[160];
		snprintf(inside, sizeof inside, "%s/a", folder.granted);
		snprintf(away, sizeof away, "%s/outside/a", folder.base);
		if (i % 2)
			rename(inside, away);
		else
			rename(away, inside);
		int64_t fd = open_at(DIR_FD, "a/b/../../../outside/secret", 0, 2, true);
		assert_true(fd == -NOTCAPABLE || fd == -NOENT);
		w.used = 0;
	}
}

/* ---- interrupts ---- */

static void *interrupt_soon(void *arg)
{
	const struct timespec pause = {.tv_nsec = 50000000};
	(void)arg;
	nanosleep(&pause, NULL);
	atomic_store(&w.rt.interrupt, 1);
	return NULL;
}

static pthread_t interrupter;
static void interrupt_later(void)
{
	atomic_store(&w.rt.interrupt, 0);
	assert_int_equal(pthread_create(&interrupter, NULL, interrupt_soon, NULL), 0);
}

/* The program's streams are pipes of the test: nobody writes to 0, and 1 is full. */
static void open_pipes(int in[2], int out[2])
{
	vsp_wasi_config config = VSP_WASI_CONFIG_INIT;
	assert_int_equal(pipe(in) | pipe(out), 0);
	config.capabilities = VSP_CAP_STDIO | VSP_CAP_CLOCK;
	config.stdio[0] = in[0];
	config.stdio[1] = out[1];
	config.stdio[2] = -1;
	wasi_close();
	wasi_open(&config);
}

static void close_pipes(int in[2], int out[2]) { close(in[0]), close(in[1]), close(out[0]), close(out[1]); }

static void interrupts_end_reads_and_writes(void **state)
{
	(void)state;
	int in[2], out[2];
	open_pipes(in, out);
	uint32_t p = room(0x10000), done = room(4);
	interrupt_later();
	FAILS(INTR, fd_read, 0, vector(p, 16), 1, done);
	pthread_join(interrupter, NULL);
	interrupt_later(); /* a pipe holds 64 KiB */
	WORKS(fd_write, 1, vector(p, 0x10000), 1, done);
	FAILS(INTR, fd_write, 1, vector(p, 0x10000), 1, done);
	pthread_join(interrupter, NULL);
	close_pipes(in, out);
}

static uint32_t clock_subscription(uint64_t tag, uint32_t clock, uint64_t timeout, unsigned flags)
{
	uint32_t s = room(48);
	set(s, tag, 8);
	set(s + 16, clock, 4);
	set(s + 24, timeout, 8);
	set(s + 40, flags, 2);
	return s;
}

static uint32_t fd_subscription(uint64_t tag, unsigned kind, uint32_t fd)
{
	uint32_t s = room(48);
	set(s, tag, 8);
	set(s + 8, kind, 1);
	set(s + 16, fd, 4);
	return s;
}

static void interrupts_end_waiting(void **state)
{
	(void)state;
	int in[2], out[2];
	open_pipes(in, out);
	uint32_t s = fd_subscription(1, 1, 0), e = room(64), n = room(4);
	interrupt_later();
	FAILS(INTR, poll_oneoff, s, e, 1, n);
	pthread_join(interrupter, NULL);
	s = clock_subscription(1, 1, UINT64_MAX, 0);
	interrupt_later();
	FAILS(INTR, poll_oneoff, s, e, 1, n);
	pthread_join(interrupter, NULL);
	close_pipes(in, out);
}

/* ---- waiting ---- */

static void clocks_are_waited_for(void **state)
{
	(void)state;
	uint32_t e = room(64), n = room(4), now = room(8), later = room(8);
	WORKS(clock_time_get, 1, 0, now);
	uint32_t s = clock_subscription(7, 1, 30000000, 0);
	clock_subscription(8, 1, UINT64_C(1) << 60, 0);
	WORKS(poll_oneoff, s, e, 2, n);
	WORKS(clock_time_get, 1, 0, later);
	assert_true(get(later, 8) - get(now, 8) >= 30000000);
	assert_int_equal(get(n, 4), 1);
	assert_int_equal(get(e, 8), 7);
	assert_int_equal(get(e + 8, 2), 0);
	assert_int_equal(get(e + 10, 1), 0);
	s = clock_subscription(9, 0, 1, 1); /* absolute, long ago */
	clock_subscription(10, 1, get(now, 8), 1);
	WORKS(poll_oneoff, s, e, 2, n);
	assert_int_equal(get(n, 4), 2);
	/* Events where the subscriptions are. */
	WORKS(poll_oneoff, s, s, 2, n);
	assert_int_equal(get(s, 8), 9);
	assert_int_equal(get(s + 32, 8), 10);
	s = clock_subscription(11, 2, 1, 0);
	clock_subscription(12, 9, 1, 0);
	WORKS(poll_oneoff, s, e, 2, n);
	assert_int_equal(get(e + 8, 2), NOTSUP);
	assert_int_equal(get(e + 40, 2), INVAL);
	FAILS(INVAL, poll_oneoff, s, e, 0, n);
	set(s + 8, 3, 1);
	FAILS(INVAL, poll_oneoff, s, e, 1, n);
	FAILS(FAULT, poll_oneoff, s, e, 5000, n);
	FAILS(INVAL, poll_oneoff, 0, 0, ROOM / 48 > 4096 ? 4097 : 0, n);
}

static void descriptors_are_waited_for(void **state)
{
	(void)state;
	int in[2], out[2];
	open_pipes(in, out);
	uint32_t s = fd_subscription(1, 1, 0), e = room(128), n = room(4);
	uint32_t both = fd_subscription(2, 1, 0);
	fd_subscription(3, 2, 1);
	fd_subscription(4, 1, 99);
	WORKS(poll_oneoff, both, e, 3, n);
	assert_int_equal(get(n, 4), 2);
	assert_int_equal(get(e, 8), 3);
	assert_int_equal(get(e + 10, 1), 2);
	assert_int_equal(get(e + 32, 8), 4);
	assert_int_equal(get(e + 40, 2), BADF);
	assert_int_equal(write(in[1], "x", 1), 1);
	WORKS(poll_oneoff, s, e, 1, n);
	assert_int_equal(get(e, 8), 1);
	assert_true(get(e + 16, 8) >= 1);
	assert_int_equal(get(e + 24, 2), 0);
	assert_string_equal(read_text(0), "x");
	close(in[1]);
	WORKS(poll_oneoff, s, e, 1, n);
	assert_int_equal(get(e + 24, 2), 1); /* hung up */
	assert_string_equal(read_text(0), "");
	in[1] = dup(out[0]);
	close_pipes(in, out);
}

static void descriptors_that_do_not_wait_say_so(void **state)
{
	(void)state;
	int in[2], out[2];
	open_pipes(in, out);
	uint32_t p = room(0x10000), done = room(4);
	WORKS(fd_fdstat_set_flags, 0, 4);
	WORKS(fd_fdstat_set_flags, 1, 4);
	FAILS(AGAIN, fd_read, 0, vector(p, 16), 1, done);
	while (CALL(fd_write, 1, vector(p, 5000), 1, done) == 0)
		assert_true(get(done, 4) > 0);
	FAILS(AGAIN, fd_write, 1, vector(p, 5000), 1, done);
	FAILS(SPIPE, fd_seek, 0, 0, 1, p);
	close_pipes(in, out);
}

static void streams_that_are_closed_are_no_descriptors(void **state)
{
	(void)state;
	int in[2], out[2];
	open_pipes(in, out);
	FAILS(BADF, fd_write, 2, vector(0, 1), 1, room(4));
	close_pipes(in, out);
	/* And stay none: what is opened gets another number. */
	vsp_wasi_config config = VSP_WASI_CONFIG_INIT;
	vsp_wasi_preopen one = {sizeof one, 0, folder.granted, NULL};
	config.stdio[0] = config.stdio[1] = config.stdio[2] = -1;
	config.preopens = &one;
	config.preopen_count = 1;
	wasi_close();
	wasi_open(&config);
	assert_int_equal(opened("f", O_CREATE), 4);
	FAILS(BADF, fd_fdstat_get, 0, room(24));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TWICE(paths_that_lead_out_are_refused),
	        TWICE(links_that_lead_out_are_refused),
	        TWICE(links_to_absolute_paths_are_not_made),
	        TWICE(folders_opened_by_the_program_are_roots),
	        TWICE(magic_links_are_not_followed),
	        TWICE(only_files_and_folders_are_opened),
	        TWICE(devices_are_not_opened),
	        TWICE(a_folder_that_becomes_a_link_leads_nowhere),
	        TWICE(a_file_that_becomes_a_link_leads_nowhere),
	        TWICE(a_folder_that_is_moved_away_leads_nowhere),
	        TWICE(interrupts_end_reads_and_writes),
	        TWICE(interrupts_end_waiting),
	        TWICE(clocks_are_waited_for),
	        TWICE(descriptors_are_waited_for),
	        TWICE(descriptors_that_do_not_wait_say_so),
	        TWICE(streams_that_are_closed_are_no_descriptors),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
