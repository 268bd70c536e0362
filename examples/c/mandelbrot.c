/* The Mandelbrot set as text, drawn by a kernel: on a GPU where there is one, and otherwise on all
   processors.

       vspc --cc examples/c/mandelbrot.c
       vspc --cc examples/c/mandelbrot.c --allow=gpu --backend=gpu */
#include <stdio.h>
#include <vsp/guest.h>

enum { WIDTH = 64, HEIGHT = 24, LIMIT = 90 };

struct picture {
	vsp_ranges(1);
	unsigned char *counts;
};

VSP_KERNEL(escape)
{
	struct picture *picture = block;
	double cr = -2.2 + (i % WIDTH) * 0.05, ci = -1.2 + (i / WIDTH) * 0.1, r = 0, im = 0;
	int count = 0;
	while (count < LIMIT && r * r + im * im <= 4) {
		double next = r * r - im * im + cr;
		im = 2 * r * im + ci;
		r = next;
		count++;
	}
	picture->counts[i] = (unsigned char)count;
}

static unsigned char counts[WIDTH * HEIGHT];

int main(void)
{
	struct picture picture = {.range_count = 1, .counts = counts};
	vsp_range(&picture.range[0], counts, sizeof counts, VSP_OUT);
	vsp_launch(escape, WIDTH * HEIGHT, &picture);
	for (int y = 0; y < HEIGHT; y++) {
		for (int x = 0; x < WIDTH; x++)
			putchar(".,:-=+*#%@"[counts[y * WIDTH + x] / 10]);
		putchar('\n');
	}
	return 0;
}
