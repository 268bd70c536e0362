/*
 * Runs a fuzz target on files, and on all files of folders, without libFuzzer: in every build, and
 * to replay a finding.
 */
#include <dirent.h>

#include "fuzz.h"
#include "runtime/platform/platform.h"

enum { PATH = 1024, LARGEST = 1 << 20 };

/* A function of libFuzzer's for mutators, which is never called here. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size)
{
	(void)data;
	(void)max_size;
	return size;
}

/* False: it cannot be read, as a folder cannot. */
static bool replay_file(const char *path)
{
	const char *why;
	size_t size;
	uint8_t *bytes = vsp_plat_file_read(path, LARGEST, &size, &why);
	if (!bytes)
		return false;
	LLVMFuzzerTestOneInput(bytes, size);
	vsp_plat_file_free(bytes, size);
	return true;
}

static unsigned replay_folder(const char *path)
{
	unsigned count = 0;
	DIR *folder = opendir(path);
	if (!folder)
		return 0;
	for (struct dirent *entry; (entry = readdir(folder));) {
		char file[PATH];
		snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
		if (entry->d_name[0] != '.')
			count += replay_file(file);
	}
	closedir(folder);
	return count;
}

int main(int argc, char **argv)
{
	unsigned count = 0;
	LLVMFuzzerTestOneInput(NULL, 0);
	for (int i = 1; i < argc; i++)
		count += replay_file(argv[i]) ? 1 : replay_folder(argv[i]);
	printf("%u inputs\n", count);
	return count == 0;
}
