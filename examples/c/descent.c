/* Gradient descent on states of 16 ByteSil, all at once: a gradient says how far neighbouring
   layers are apart, and a step moves the magnitude of each layer against it. Prints the first state
   after each step.

       vspc --cc examples/c/descent.c */
#include <stdio.h>
#include <string.h>
#include <vsp/guest.h>

enum { STATES = 1000, LAYERS = 16, STEPS = 2 };

static const unsigned char signal[LAYERS] = {
        0xB0, 0x84, 0xC8, 0x9C, 0xA2, 0x86, 0xDA, 0x7E, 0xB1, 0x95, 0x89, 0xCD, 0xA3, 0x77, 0x9B, 0x8F};
static unsigned char states[STATES][LAYERS];
static float gradients[STATES][LAYERS];

static void print_first(void)
{
	for (int i = 0; i < LAYERS; i++)
		printf("%02x", states[0][i]);
	putchar('\n');
}

int main(void)
{
	for (int i = 0; i < STATES; i++)
		memcpy(states[i], signal, LAYERS);
	print_first();
	for (int step = 0; step < STEPS; step++) {
		vsp_batch(2);
		vsp_gradb(states, STATES, gradients[0]);
		vsp_descb(states, STATES, gradients[0], 16 / 255.0);
		vsp_unbatch();
		print_first();
	}
	return memcmp(states[0], states[STATES - 1], LAYERS) != 0;
}
