/*
 * WASI's functions for files and folders, each in turn: what they do, and how they fail. Paths that
 * lead out are in test_wasi_sandbox.c.
 */
#include "wasi_folder.h"

#include <sys/resource.h>

/* ---- preopened folders ---- */

static void preopened_folders_have_names(void **state)
{
	(void)state;
	uint32_t p = room(8), name = room(8);
	WORKS(fd_prestat_get, DIR_FD, p);
	assert_int_equal(get(p, 4), 0);
	assert_int_equal(get(p + 4, 4), 5);
	WORKS(fd_prestat_dir_name, DIR_FD, name, 5);
	assert_memory_equal(at(name), "/data\0\0\0", 8);
	FAILS(NAMETOOLONG, fd_prestat_dir_name, DIR_FD, name, 4);
	WORKS(fd_prestat_dir_name, RO_FD, name, 8);
	FAILS(BADF, fd_prestat_get, 5, p);
	FAILS(BADF, fd_prestat_get, 1, p);
	FAILS(BADF, fd_prestat_dir_name, opened("f", O_CREATE), name, 8);
}

static void descriptors_can_be_closed_and_moved(void **state)
{
	(void)state;
	uint32_t p = room(24);
	int64_t a = opened("a", O_CREATE), b = opened("b", O_CREATE);
	write_text(a, "first");
	WORKS(fd_renumber, a, b);
	FAILS(BADF, fd_close, a);
	FAILS(BADF, fd_renumber, b, a);
	FAILS(BADF, fd_renumber, a, b);
	WORKS(fd_renumber, b, b);
	WORKS(fd_seek, b, 0, 0, p);
	assert_string_equal(read_text(b), "first");
	WORKS(fd_renumber, b, DIR_FD);
	FAILS(BADF, fd_prestat_get, DIR_FD, p);
	WORKS(fd_close, DIR_FD);
	FAILS(BADF, fd_fdstat_get, DIR_FD, p);
	FAILS(BADF, fd_close, 1024);
	FAILS(BADF, fd_close, 0xFFFFFFFF);
}

static void descriptors_have_kinds_flags_and_rights(void **state)
{
	(void)state;
	uint32_t p = room(24), r = room(4);
	WORKS(fd_fdstat_get, DIR_FD, p);
	assert_int_equal(get(p, 1), 3);
	assert_int_equal(get(p + 2, 2), 0);
	assert_int_equal(get(p + 8, 8) & (1 << 22 | 1 << 1), 0); /* no sizes, no reading */
	WORKS(path_open, DIR_FD, 0, TEXT("f"), O_CREATE, 1 << 1 | 1 << 6 | 1 << 13, 1 << 2, 1 | 4, r);
	WORKS(fd_fdstat_get, get(r, 4), p);
	assert_int_equal(get(p, 1), 4);
	assert_int_equal(get(p + 2, 2), 1 | 4);
	assert_int_equal(get(p + 8, 8), 1 << 1 | 1 << 6); /* a file opens no paths */
	assert_int_equal(get(p + 16, 8), 1 << 2);
}

static void rights_are_kept_and_only_narrowed(void **state)
{
	(void)state;
	uint32_t r = room(4), p = room(24);
	int64_t fd = opened("f", O_CREATE);
	write_text(fd, "text");
	WORKS(fd_fdstat_set_rights, fd, 1 << 6, 0);
	FAILS(NOTCAPABLE, fd_read, fd, vector(r, 4), 1, p);
	FAILS(NOTCAPABLE, fd_seek, fd, 0, 0, p);
	FAILS(NOTCAPABLE, fd_sync, fd);
	FAILS(NOTCAPABLE, fd_filestat_get, fd, room(64));
	FAILS(NOTCAPABLE, fd_fdstat_set_rights, fd, 1 << 6 | 1 << 1, 0);
	FAILS(NOTCAPABLE, fd_fdstat_set_rights, fd, 1 << 6, 1);
	write_text(fd, "more");
	/* A folder's inheriting rights limit what is opened beneath it. */
	WORKS(fd_fdstat_set_rights, DIR_FD, 1 << 13, 1 << 1);
	FAILS(NOTCAPABLE, path_open, DIR_FD, 0, TEXT("new"), O_CREATE, ALL, ALL, 0, r);
	FAILS(NOTCAPABLE, path_open, DIR_FD, 0, TEXT("f"), O_CUT, ALL, ALL, 0, r);
	FAILS(NOTCAPABLE, path_create_directory, DIR_FD, TEXT("d"));
	fd = open_at(DIR_FD, "f", 0, ALL, true);
	assert_string_equal(read_text(fd), "textmore");
	WORKS(fd_fdstat_get, fd, p);
	assert_int_equal(get(p + 8, 8), 1 << 1);
	FAILS(NOTCAPABLE, fd_write, fd, vector(r, 1), 1, p);
}

/* ---- opening ---- */

static void files_are_opened_as_the_flags_say(void **state)
{
	(void)state;
	assert_int_equal(open_at(DIR_FD, "f", 0, ALL, false), -NOENT);
	write_text(opened("f", O_CREATE), "12345");
	assert_int_equal(open_at(DIR_FD, "f", O_CREATE | O_NEW, ALL, false), -EXIST);
	assert_string_equal(read_text(opened("f", O_CREATE)), "12345");
	opened("f", O_CUT);
	assert_string_equal(read_text(opened("f", 0)), "");
	assert_int_equal(open_at(DIR_FD, "f", O_FOLDER, ALL, false), -NOTDIR);
	assert_int_equal(open_at(DIR_FD, "f/", 0, ALL, false), -NOTDIR);
	assert_int_equal(open_at(DIR_FD, "f/g", O_CREATE, ALL, false), -NOTDIR);
	assert_int_equal(open_at(DIR_FD, "n/", O_CREATE, ALL, false), -NOENT);
	assert_int_equal(open_at(DIR_FD, ".", 0, 1 << 6, false), -ISDIR);
	assert_true(open_at(DIR_FD, ".", 0, 0, false) > 3);
	assert_true(open_at(DIR_FD, ".", O_FOLDER, ALL, false) > 3);
	assert_int_equal(open_at(DIR_FD, "f", 16, ALL, false), -INVAL);
	assert_int_equal(open_at(DIR_FD, "d", O_FOLDER | O_CREATE, ALL, false), -INVAL);
	assert_int_equal(open_at(DIR_FD, "", 0, ALL, false), -NOENT);
	FAILS(INVAL, path_open, DIR_FD, 0, put("f"), 2, 0, 0, 0, 0, room(4)); /* with the 0 behind it */
	FAILS(INVAL, path_open, DIR_FD, 0, TEXT("f"), 0, 0, 0, 32, room(4));
	FAILS(NOTCAPABLE, path_open, opened("f", 0), 0, TEXT("g"), 0, 0, 0, 0, room(4));
	FAILS(NAMETOOLONG, path_open, DIR_FD, 0, room(4096), 4096, 0, 0, 0, 0, room(4));
}

static void names_that_are_too_long_are_refused(void **state)
{
	(void)state;
	char name[300];
	memset(name, 'x', sizeof name);
	name[255] = 0;
	assert_true(open_at(DIR_FD, name, O_CREATE, ALL, false) > 3);
	name[255] = 'x', name[256] = 0;
	assert_int_equal(open_at(DIR_FD, name, O_CREATE, ALL, false), -NAMETOOLONG);
	FAILS(NAMETOOLONG, path_create_directory, DIR_FD, TEXT(name));
	FAILS(NAMETOOLONG, path_unlink_file, DIR_FD, TEXT(name));
	name[256] = '/', name[257] = 'y', name[258] = 0;
	assert_int_equal(open_at(DIR_FD, name, O_CREATE, ALL, false), -NAMETOOLONG);
}

static void paths_are_resolved(void **state)
{
	(void)state;
	in_base("mkdir -p granted/dir/nested && echo text > granted/dir/nested/file");
	static const char *const good[] = {"dir/nested/file", "dir/.//nested/../../dir/nested/../nested///./file",
	        "./dir/nested/file", "dir/../dir/./nested/file", "dir/nested/./.././nested/file"};
	for (unsigned i = 0; i < sizeof good / sizeof *good; i++)
		assert_string_equal(read_text(opened(good[i], 0)), "text\n");
	WORKS(fd_close, open_at(DIR_FD, "dir/nested///", 0, 0, false));
	WORKS(fd_close, open_at(DIR_FD, "dir/nested/..", 0, 0, false));
	WORKS(fd_close, open_at(DIR_FD, "dir/..", 0, 0, false));
	int64_t nested = opened("dir/nested", O_FOLDER);
	assert_string_equal(read_text(open_at(nested, "file", 0, ALL, false)), "text\n");
}

static void deep_folders_are_reached(void **state)
{
	(void)state;
	char path[1024] = "a";
	WORKS(path_create_directory, DIR_FD, TEXT(path));
	for (int i = 1; i < 200; i++) {
		strcat(path, "/a");
		w.used = 0;
		WORKS(path_create_directory, DIR_FD, TEXT(path));
	}
	strcat(path, "/f");
	write_text(opened(path, O_CREATE), "deep");
	assert_string_equal(read_text(opened(path, 0)), "deep");
	path[strlen(path) - 1] = 0; /* up from there, as far as folders are remembered */
	for (int i = 0; i < 60; i++)
		strcat(path, "../");
	assert_true(open_at(DIR_FD, path, 0, 0, false) > 3);
}

static void descriptors_run_out(void **state)
{
	(void)state;
	struct rlimit old, more = {4096, 4096};
	getrlimit(RLIMIT_NOFILE, &old);
	more.rlim_max = old.rlim_max;
	bool enough = old.rlim_max >= 4096 && setrlimit(RLIMIT_NOFILE, &more) == 0;
	int64_t last = opened("f", O_CREATE), fd;
	for (w.used = 0; (fd = open_at(DIR_FD, "f", 0, ALL, false)) > 0; w.used = 0)
		last = fd;
	assert_int_equal(fd, -MFILE);
	if (enough)
		assert_int_equal(last, 1023);
	WORKS(fd_close, last);
	assert_int_equal(open_at(DIR_FD, "f", 0, ALL, false), last);
	setrlimit(RLIMIT_NOFILE, &old);
}

/* Programs started by the host must not have them. */
static void files_are_closed_on_exec(void **state)
{
	(void)state;
	int64_t fd = opened("f", O_CREATE);
	assert_true(fcntl(w.wasi->fds[fd].file, F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(w.wasi->fds[DIR_FD].file, F_GETFD) & FD_CLOEXEC);
}

/* ---- reading and writing ---- */

static void vectors_are_written_and_read(void **state)
{
	(void)state;
	int64_t fd = opened("f", O_CREATE);
	uint32_t v = room(32), p = put("abcdefghij"), done = room(4), place = room(8);
	static const uint32_t parts[4][2] = {{0, 2}, {4, 0}, {4, 3}, {0, 10}};
	for (unsigned i = 0; i < 4; i++) {
		set(v + 8 * i, p + parts[i][0], 4);
		set(v + 8 * i + 4, parts[i][1], 4);
	}
	WORKS(fd_write, fd, v, 4, done);
	assert_int_equal(get(done, 4), 15);
	WORKS(fd_tell, fd, place);
	assert_int_equal(get(place, 8), 15);
	WORKS(fd_seek, fd, 0, 0, place);
	assert_string_equal(read_text(fd), "abefgabcdefghij");
	assert_string_equal(read_text(fd), "");
	WORKS(fd_seek, fd, 0, 0, place);
	/* What is read may overwrite the vectors. */
	set(v, v, 4);
	set(v + 4, 8, 4);
	set(v + 8, p, 4);
	set(v + 12, 7, 4);
	WORKS(fd_read, fd, v, 2, done);
	assert_int_equal(get(done, 4), 15);
	assert_memory_equal(at(v), "abefgabc", 8);
	assert_memory_equal(at(p), "defghij", 7);
	WORKS(fd_read, fd, v, 0, done);
	assert_int_equal(get(done, 4), 0);
}

static void places_are_read_and_written(void **state)
{
	(void)state;
	int64_t fd = opened("f", O_CREATE);
	uint32_t done = room(4), place = room(8), p = room(16);
	WORKS(fd_pwrite, fd, vector(put("hello"), 5), 1, 10, done);
	assert_int_equal(get(done, 4), 5);
	WORKS(fd_tell, fd, place);
	assert_int_equal(get(place, 8), 0);
	WORKS(fd_pread, fd, vector(p, 16), 1, 8, done);
	assert_int_equal(get(done, 4), 7);
	assert_memory_equal(at(p), "\0\0hello", 7);
	WORKS(fd_pread, fd, vector(p, 16), 1, 15, done);
	assert_int_equal(get(done, 4), 0);
	FAILS(INVAL, fd_pread, fd, vector(p, 16), 1, -1, done);
	FAILS(INVAL, fd_pwrite, fd, vector(p, 16), 1, INT64_MIN, done);
}

static void places_are_moved(void **state)
{
	(void)state;
	int64_t fd = opened("f", O_CREATE);
	uint32_t place = room(8);
	write_text(fd, "0123456789");
	WORKS(fd_seek, fd, -3, 1, place);
	assert_int_equal(get(place, 8), 7);
	WORKS(fd_seek, fd, -1, 2, place);
	assert_int_equal(get(place, 8), 9);
	WORKS(fd_seek, fd, 100, 0, place);
	assert_int_equal(get(place, 8), 100);
	FAILS(INVAL, fd_seek, fd, -1, 0, place);
	FAILS(INVAL, fd_seek, fd, 0, 3, place);
	FAILS(NOTCAPABLE, fd_seek, DIR_FD, 0, 1, place);
	FAILS(NOTCAPABLE, fd_read, DIR_FD, vector(place, 8), 1, place);
	FAILS(NOTCAPABLE, fd_tell, DIR_FD, place);
}

static void flags_can_be_changed(void **state)
{
	(void)state;
	uint32_t r = room(4), place = room(8);
	WORKS(path_open, DIR_FD, 0, TEXT("f"), O_CREATE, ALL, ALL, 1, r);
	int64_t fd = (int64_t)get(r, 4);
	write_text(fd, "aaaa");
	WORKS(fd_seek, fd, 0, 0, place);
	write_text(fd, "bbbb"); /* at the end */
	WORKS(fd_fdstat_set_flags, fd, 0);
	WORKS(fd_seek, fd, 0, 0, place);
	write_text(fd, "cc");
	WORKS(fd_seek, fd, 0, 0, place);
	assert_string_equal(read_text(fd), "ccaabbbb");
	WORKS(fd_fdstat_set_flags, fd, 1 | 4);
	WORKS(fd_seek, fd, 0, 0, place);
	write_text(fd, "d");
	WORKS(fd_seek, fd, 0, 0, place);
	assert_string_equal(read_text(fd), "ccaabbbbd");
	FAILS(NOTSUP, fd_fdstat_set_flags, fd, 16);
	FAILS(INVAL, fd_fdstat_set_flags, fd, 32);
	FAILS(NOTSUP, fd_fdstat_set_flags, 1, 1);
	WORKS(fd_fdstat_set_flags, 1, 4);
	WORKS(fd_fdstat_set_flags, 1, 0);
	WORKS(path_open, DIR_FD, 0, TEXT("g"), O_CREATE, ALL, ALL, 2 | 8 | 16, r);
	write_text((int64_t)get(r, 4), "synchronous");
}

static void data_is_synced_advised_and_allocated(void **state)
{
	(void)state;
	int64_t fd = opened("f", O_CREATE);
	uint32_t info = room(64);
	WORKS(fd_sync, fd);
	WORKS(fd_datasync, fd);
	for (int advice = 0; advice < 6; advice++)
		WORKS(fd_advise, fd, 0, 100, advice);
	FAILS(INVAL, fd_advise, fd, 0, 100, 6);
	FAILS(INVAL, fd_advise, fd, -1, 100, 0);
	FAILS(NOTCAPABLE, fd_advise, DIR_FD, 0, 100, 0);
	int wrong = CALL(fd_allocate, fd, 10, 90);
	assert_true(wrong == SUCCESS || wrong == NOTSUP);
	WORKS(fd_filestat_get, fd, info);
	assert_int_equal(get(info + 32, 8), wrong ? 0 : 100);
	FAILS(INVAL, fd_allocate, fd, 0, 0);
	FAILS(NOTCAPABLE, fd_allocate, DIR_FD, 0, 1);
}

/* ---- what describes files ---- */

static void files_are_described(void **state)
{
	(void)state;
	uint32_t a = room(64), b = room(64);
	int64_t fd = opened("f", O_CREATE);
	write_text(fd, "12345");
	WORKS(fd_filestat_get, fd, a);
	assert_int_equal(get(a + 16, 1), 4);
	assert_int_equal(get(a + 24, 8), 1);
	assert_int_equal(get(a + 32, 8), 5);
	assert_true(get(a + 48, 8) > UINT64_C(1700000000000000000));
	WORKS(path_filestat_get, DIR_FD, 0, TEXT("f"), b);
	assert_memory_equal(at(a), at(b), 64);
	WORKS(path_filestat_get, DIR_FD, 0, TEXT("."), a);
	WORKS(fd_filestat_get, DIR_FD, b);
	assert_memory_equal(at(a), at(b), 64);
	assert_int_equal(get(a + 16, 1), 3);
	FAILS(NOENT, path_filestat_get, DIR_FD, 0, TEXT("g"), a);
	FAILS(NOTDIR, path_filestat_get, DIR_FD, 0, TEXT("f/"), a);
	WORKS(fd_filestat_get, 1, a);
}

static void sizes_are_set(void **state)
{
	(void)state;
	uint32_t info = room(64);
	int64_t fd = opened("f", O_CREATE);
	WORKS(fd_filestat_set_size, fd, 100);
	WORKS(fd_filestat_get, fd, info);
	assert_int_equal(get(info + 32, 8), 100);
	WORKS(fd_filestat_set_size, fd, 3);
	WORKS(fd_filestat_get, fd, info);
	assert_int_equal(get(info + 32, 8), 3);
	FAILS(INVAL, fd_filestat_set_size, fd, -1);
	FAILS(NOTCAPABLE, fd_filestat_set_size, DIR_FD, 0);
	FAILS(NOTCAPABLE, fd_filestat_set_size, 1, 0);
}

static void times_are_set(void **state)
{
	(void)state;
	uint32_t info = room(64);
	int64_t fd = opened("f", O_CREATE);
	WORKS(fd_filestat_set_times, fd, 1000000007, 2000000009, 1 | 4);
	WORKS(fd_filestat_get, fd, info);
	assert_int_equal(get(info + 40, 8), 1000000007);
	assert_int_equal(get(info + 48, 8), 2000000009);
	WORKS(path_filestat_set_times, DIR_FD, 0, TEXT("f"), 5, 3000000001, 4);
	WORKS(fd_filestat_get, fd, info);
	assert_int_equal(get(info + 40, 8), 1000000007);
	assert_int_equal(get(info + 48, 8), 3000000001);
	WORKS(path_filestat_set_times, DIR_FD, 0, TEXT("f"), 5, 5, 2 | 8);
	WORKS(fd_filestat_get, fd, info);
	assert_true(get(info + 40, 8) > UINT64_C(1700000000000000000));
	static const int bad[] = {1 | 2, 4 | 8, 16};
	for (unsigned i = 0; i < 3; i++) {
		FAILS(INVAL, fd_filestat_set_times, fd, 0, 0, bad[i]);
		FAILS(INVAL, path_filestat_set_times, DIR_FD, 0, TEXT("f"), 0, 0, bad[i]);
	}
	FAILS(INVAL, fd_filestat_set_times, fd, -1, 0, 1);
	WORKS(fd_filestat_set_times, DIR_FD, 0, 0, 8);
}

/* ---- names ---- */

static void folders_are_made_and_removed(void **state)
{
	(void)state;
	WORKS(path_create_directory, DIR_FD, TEXT("d"));
	FAILS(EXIST, path_create_directory, DIR_FD, TEXT("d"));
	WORKS(path_create_directory, DIR_FD, TEXT("d/e/"));
	FAILS(NOENT, path_create_directory, DIR_FD, TEXT("x/y"));
	FAILS(EXIST, path_create_directory, DIR_FD, TEXT("."));
	FAILS(NOTEMPTY, path_remove_directory, DIR_FD, TEXT("d"));
	FAILS(ISDIR, path_unlink_file, DIR_FD, TEXT("d"));
	FAILS(ISDIR, path_unlink_file, DIR_FD, TEXT("d/"));
	FAILS(INVAL, path_remove_directory, DIR_FD, TEXT("d/e/."));
	WORKS(path_remove_directory, DIR_FD, TEXT("d/e/"));
	WORKS(path_remove_directory, DIR_FD, TEXT("d"));
	FAILS(NOENT, path_remove_directory, DIR_FD, TEXT("d"));
	opened("f", O_CREATE);
	FAILS(NOTDIR, path_remove_directory, DIR_FD, TEXT("f"));
	FAILS(NOTDIR, path_remove_directory, DIR_FD, TEXT("f/"));
	FAILS(NOTDIR, path_unlink_file, DIR_FD, TEXT("f/"));
	WORKS(path_unlink_file, DIR_FD, TEXT("f"));
	FAILS(NOENT, path_unlink_file, DIR_FD, TEXT("f"));
}

static void files_are_renamed(void **state)
{
	(void)state;
	write_text(opened("a", O_CREATE), "a");
	write_text(opened("b", O_CREATE), "b");
	WORKS(path_rename, DIR_FD, TEXT("a"), DIR_FD, TEXT("b"));
	FAILS(NOENT, path_rename, DIR_FD, TEXT("a"), DIR_FD, TEXT("b"));
	assert_string_equal(read_text(opened("b", 0)), "a");
	WORKS(path_create_directory, DIR_FD, TEXT("d"));
	int64_t d = opened("d", O_FOLDER);
	WORKS(path_rename, DIR_FD, TEXT("b"), d, TEXT("c"));
	assert_string_equal(read_text(opened("d/c", 0)), "a");
	WORKS(path_rename, DIR_FD, TEXT("d/"), DIR_FD, TEXT("e"));
	WORKS(path_rename, DIR_FD, TEXT("e"), DIR_FD, TEXT("d/"));
	FAILS(NOTDIR, path_rename, DIR_FD, TEXT("d/c/"), DIR_FD, TEXT("x"));
	FAILS(NOTDIR, path_rename, DIR_FD, TEXT("d/c"), DIR_FD, TEXT("x/"));
	opened("x", O_CREATE);
	FAILS(ISDIR, path_rename, DIR_FD, TEXT("x"), DIR_FD, TEXT("d"));
	FAILS(BADF, path_rename, DIR_FD, TEXT("d"), 99, TEXT("x"));
	FAILS(NOTCAPABLE, path_rename, DIR_FD, TEXT("d"), opened("d/c", 0), TEXT("x"));
}

static void files_get_second_names(void **state)
{
	(void)state;
	uint32_t info = room(64);
	write_text(opened("f", O_CREATE), "text");
	WORKS(path_link, DIR_FD, 0, TEXT("f"), DIR_FD, TEXT("g"));
	assert_string_equal(read_text(opened("g", 0)), "text");
	WORKS(path_filestat_get, DIR_FD, 0, TEXT("g"), info);
	assert_int_equal(get(info + 24, 8), 2);
	FAILS(EXIST, path_link, DIR_FD, 0, TEXT("f"), DIR_FD, TEXT("g"));
	FAILS(NOENT, path_link, DIR_FD, 0, TEXT("f"), DIR_FD, TEXT("h/"));
	FAILS(NOENT, path_link, DIR_FD, 0, TEXT("x"), DIR_FD, TEXT("h"));
	WORKS(path_create_directory, DIR_FD, TEXT("d"));
	FAILS(PERM, path_link, DIR_FD, 0, TEXT("d"), DIR_FD, TEXT("h"));
	/* Of a link itself, and of its target. */
	WORKS(path_symlink, TEXT("f"), DIR_FD, TEXT("l"));
	WORKS(path_link, DIR_FD, 0, TEXT("l"), DIR_FD, TEXT("m"));
	WORKS(path_filestat_get, DIR_FD, 0, TEXT("m"), info);
	assert_int_equal(get(info + 16, 1), 7);
	WORKS(path_link, DIR_FD, 1, TEXT("l"), DIR_FD, TEXT("n"));
	WORKS(path_filestat_get, DIR_FD, 0, TEXT("n"), info);
	assert_int_equal(get(info + 16, 1), 4);
}

static void links_are_made_read_and_followed(void **state)
{
	(void)state;
	uint32_t info = room(64), text = room(16), done = room(4);
	WORKS(path_create_directory, DIR_FD, TEXT("d"));
	write_text(opened("d/file", O_CREATE), "text");
	WORKS(path_symlink, TEXT("d/file"), DIR_FD, TEXT("l"));
	WORKS(path_symlink, TEXT("d"), DIR_FD, TEXT("k"));
	WORKS(path_symlink, TEXT("../l"), DIR_FD, TEXT("d/up"));
	assert_string_equal(read_text(opened("l", 0)), "text");
	assert_string_equal(read_text(opened("k/file", 0)), "text");
	assert_string_equal(read_text(opened("k/up", 0)), "text");
	assert_int_equal(open_at(DIR_FD, "l", 0, ALL, false), -LOOP);
	assert_int_equal(open_at(DIR_FD, "k", O_FOLDER, 0, false), -NOTDIR);
	assert_true(open_at(DIR_FD, "k", O_FOLDER, ALL, true) > 3);
	assert_true(open_at(DIR_FD, "k/", O_FOLDER, ALL, false) > 3); /* as in POSIX */
	WORKS(path_filestat_get, DIR_FD, 0, TEXT("l"), info);
	assert_int_equal(get(info + 16, 1), 7);
	WORKS(path_filestat_get, DIR_FD, 1, TEXT("l"), info);
	assert_int_equal(get(info + 16, 1), 4);
	WORKS(path_readlink, DIR_FD, TEXT("l"), text, 16, done);
	assert_int_equal(get(done, 4), 6);
	assert_memory_equal(at(text), "d/file\0", 7);
	WORKS(path_readlink, DIR_FD, TEXT("l"), text, 3, done);
	assert_int_equal(get(done, 4), 3);
	WORKS(path_readlink, DIR_FD, TEXT("l"), text, 0, done);
	assert_int_equal(get(done, 4), 0);
	FAILS(INVAL, path_readlink, DIR_FD, TEXT("d/file"), text, 16, done);
	FAILS(NOENT, path_readlink, DIR_FD, TEXT("x"), text, 16, done);
	FAILS(EXIST, path_symlink, TEXT("x"), DIR_FD, TEXT("l"));
	FAILS(EXIST, path_symlink, TEXT("x"), DIR_FD, TEXT("d/"));
	FAILS(NOENT, path_symlink, TEXT("x"), DIR_FD, TEXT("new/"));
	/* A new file behind a link that leads nowhere yet. */
	WORKS(path_symlink, TEXT("d/new"), DIR_FD, TEXT("dangling"));
	assert_int_equal(open_at(DIR_FD, "dangling", 0, ALL, true), -NOENT);
	write_text(opened("dangling", O_CREATE), "new");
	assert_string_equal(read_text(opened("d/new", 0)), "new");
	/* Changes are made to links, not through them. */
	WORKS(path_unlink_file, DIR_FD, TEXT("l"));
	WORKS(path_filestat_get, DIR_FD, 0, TEXT("d/file"), info);
}

static void chains_of_links_have_an_end(void **state)
{
	(void)state;
	uint32_t info = room(64);
	WORKS(path_symlink, TEXT("self"), DIR_FD, TEXT("self"));
	assert_int_equal(open_at(DIR_FD, "self", 0, ALL, true), -LOOP);
	assert_int_equal(open_at(DIR_FD, "self", 0, ALL, false), -LOOP);
	assert_int_equal(open_at(DIR_FD, "self/x", 0, ALL, false), -LOOP);
	FAILS(LOOP, path_filestat_get, DIR_FD, 1, TEXT("self"), info);
	in_base("cd granted && mkdir d && echo end > l0 && for i in $(seq 41); do ln -s l$((i-1)) l$i; done &&"
	        "ln -s d k0 && for i in $(seq 41); do ln -s k$((i-1)) k$i; done && echo f > d/f");
	assert_string_equal(read_text(opened("l40", 0)), "end\n");
	assert_int_equal(open_at(DIR_FD, "l41", 0, ALL, true), -LOOP);
	assert_string_equal(read_text(opened("k39/f", 0)), "f\n");
	assert_int_equal(open_at(DIR_FD, "k41/f", 0, ALL, true), -LOOP);
}

/* ---- lists ---- */

/* The names from a cookie on, each with a space; *next is the cookie of the last. */
static const char *names_from(int64_t fd, uint64_t cookie, uint32_t size, uint64_t *next)
{
	static char names[4096];
	uint32_t buffer = room(size), used = room(4), p = 0;
	names[0] = 0;
	WORKS(fd_readdir, fd, buffer, size, (int64_t)cookie, used);
	while (p + 24 <= get(used, 4) && p + 24 + get(buffer + p + 16, 4) <= get(used, 4)) {
		strncat(names, (char *)at(buffer + p + 24), get(buffer + p + 16, 4));
		strcat(names, " ");
		*next = get(buffer + p, 8);
		p += 24 + (uint32_t)get(buffer + p + 16, 4);
	}
	return names;
}

static void folders_are_listed(void **state)
{
	(void)state;
	uint64_t next = 0;
	unsigned count = 0;
	for (int i = 0; i < 50; i++) {
		char name[16];
		snprintf(name, sizeof name, "file%02d", i);
		WORKS(fd_close, opened(name, O_CREATE));
	}
	bool seen[50] = {false};
	for (const char *names; *(names = names_from(DIR_FD, next, 100, &next)); w.used = 0)
		for (char *name = strtok((char *)(uintptr_t)names, " "); name; name = strtok(NULL, " ")) {
			if (strncmp(name, "file", 4) == 0)
				seen[atoi(name + 4)] = true;
			count++;
		}
	assert_int_equal(count, 52);
	for (int i = 0; i < 50; i++)
		assert_true(seen[i]);
	assert_int_equal(next, 52);
	/* Any cookie, again. */
	char first[64];
	strcpy(first, names_from(DIR_FD, 7, 60, &next));
	assert_string_not_equal(first, "");
	assert_string_equal(names_from(DIR_FD, 7, 60, &next), first);
	assert_string_equal(names_from(DIR_FD, 1000, 60, &next), "");
	FAILS(NOTCAPABLE, fd_readdir, opened("file00", 0), room(100), 100, 0, room(4));
}

static void entries_have_numbers_kinds_and_cookies(void **state)
{
	(void)state;
	uint32_t info = room(64), buffer = room(1000), used = room(4);
	bool found = false, parent = false;
	WORKS(fd_filestat_get, opened("f", O_CREATE), info);
	WORKS(fd_readdir, DIR_FD, buffer, 1000, 0, used);
	for (uint32_t p = buffer; p < buffer + get(used, 4); p += 24 + (uint32_t)get(p + 16, 4)) {
		if (get(p + 16, 4) == 1 && *at(p + 24) == 'f') {
			assert_int_equal(get(p + 8, 8), get(info + 8, 8));
			assert_int_equal(get(p + 20, 4), 4);
			found = true;
		}
		if (get(p + 16, 4) == 2) { /* nothing is told of what is above */
			assert_int_equal(get(p + 8, 8), 0);
			assert_int_equal(get(p + 20, 4), 3);
			parent = true;
		}
	}
	assert_true(found && parent);
}

/* A full buffer means that there is more, and even one byte tells so. */
static void an_entry_that_does_not_fit_is_cut(void **state)
{
	(void)state;
	uint32_t buffer = room(1000), used = room(4), whole = room(4);
	WORKS(fd_readdir, DIR_FD, buffer, 1000, 0, whole);
	assert_true(get(whole, 4) < 1000);
	for (uint32_t size = 0; size <= 30; size++) {
		memset(at(buffer), 0x77, 32);
		WORKS(fd_readdir, DIR_FD, buffer, size, 0, used);
		assert_int_equal(get(used, 4), size);
		assert_int_equal(*at(buffer + size), 0x77);
	}
}

/* A program that removes what it has listed removes everything. */
static void removing_while_listing_skips_nothing(void **state)
{
	(void)state;
	uint64_t next = 0;
	in_base("cd granted && for i in $(seq 300); do : > a_name_of_some_length_$i; done");
	for (const char *names; *(names = names_from(DIR_FD, next, 200, &next)); w.used = 0)
		for (char *name = strtok((char *)(uintptr_t)names, " "); name; name = strtok(NULL, " "))
			if (*name != '.')
				WORKS(path_unlink_file, DIR_FD, TEXT(name));
	in_base("[ -z \"$(ls granted)\" ]");
}

/* ---- folders that cannot be changed ---- */

static void read_only_folders_refuse_every_change(void **state)
{
	(void)state;
	uint32_t r = room(4), info = room(64);
	in_base("mkdir granted/d && echo text > granted/f && ln -s f granted/l");
	FAILS(ROFS, path_open, RO_FD, 0, TEXT("new"), O_CREATE, 2, 0, 0, r);
	FAILS(ROFS, path_open, RO_FD, 0, TEXT("f"), O_CUT, 2, 0, 0, r);
	FAILS(ROFS, path_open, RO_FD, 0, TEXT("f"), 0, 1 << 6, 0, 0, r);
	FAILS(ROFS, path_open, RO_FD, 0, TEXT("f"), 0, 1 << 22, 0, 0, r);
	FAILS(ROFS, path_create_directory, RO_FD, TEXT("e"));
	FAILS(ROFS, path_remove_directory, RO_FD, TEXT("d"));
	FAILS(ROFS, path_unlink_file, RO_FD, TEXT("f"));
	FAILS(ROFS, path_rename, RO_FD, TEXT("f"), RO_FD, TEXT("g"));
	FAILS(ROFS, path_rename, DIR_FD, TEXT("f"), RO_FD, TEXT("g"));
	FAILS(ROFS, path_rename, RO_FD, TEXT("f"), DIR_FD, TEXT("g"));
	FAILS(ROFS, path_link, RO_FD, 0, TEXT("f"), DIR_FD, TEXT("g"));
	FAILS(ROFS, path_link, DIR_FD, 0, TEXT("f"), RO_FD, TEXT("g"));
	FAILS(ROFS, path_symlink, TEXT("f"), RO_FD, TEXT("g"));
	FAILS(ROFS, path_filestat_set_times, RO_FD, 0, TEXT("f"), 0, 0, 1);
	FAILS(ROFS, fd_filestat_set_times, RO_FD, 0, 0, 1);
	int64_t fd = open_at(RO_FD, "f", 0, 1 << 1 | 1 << 23, false);
	assert_string_equal(read_text(fd), "text\n");
	FAILS(ROFS, fd_filestat_set_times, fd, 0, 0, 1);
	FAILS(NOTCAPABLE, fd_write, fd, vector(r, 1), 1, r);
	fd = open_at(RO_FD, "d", O_FOLDER, ALL, false);
	FAILS(ROFS, path_open, fd, 0, TEXT("new"), O_CREATE, 2, 0, 0, r);
	FAILS(ROFS, path_unlink_file, fd, TEXT("../f"));
	WORKS(path_filestat_get, RO_FD, 0, TEXT("f"), info);
	assert_int_equal(get(info + 32, 8), 5);
	in_base("[ \"$(ls granted | tr '\\n' ' ')\" = 'd f l ' ]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TWICE(preopened_folders_have_names),
	        TWICE(descriptors_can_be_closed_and_moved),
	        TWICE(descriptors_have_kinds_flags_and_rights),
	        TWICE(rights_are_kept_and_only_narrowed),
	        TWICE(files_are_opened_as_the_flags_say),
	        TWICE(names_that_are_too_long_are_refused),
	        TWICE(paths_are_resolved),
	        TWICE(deep_folders_are_reached),
	        TWICE(descriptors_run_out),
	        TWICE(files_are_closed_on_exec),
	        TWICE(vectors_are_written_and_read),
	        TWICE(places_are_read_and_written),
	        TWICE(places_are_moved),
	        TWICE(flags_can_be_changed),
	        TWICE(data_is_synced_advised_and_allocated),
	        TWICE(files_are_described),
	        TWICE(sizes_are_set),
	        TWICE(times_are_set),
	        TWICE(folders_are_made_and_removed),
	        TWICE(files_are_renamed),
	        TWICE(files_get_second_names),
	        TWICE(links_are_made_read_and_followed),
	        TWICE(chains_of_links_have_an_end),
	        TWICE(folders_are_listed),
	        TWICE(entries_have_numbers_kinds_and_cookies),
	        TWICE(an_entry_that_does_not_fit_is_cut),
	        TWICE(removing_while_listing_skips_nothing),
	        TWICE(read_only_folders_refuse_every_change),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
