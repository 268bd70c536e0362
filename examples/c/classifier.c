/* A neural network on ByteSil signals: what does the phase of each of four signals do over its 16
   layers? 0 rising, 1 falling, 2 flat. examples/models/make_classifier.py makes the model.

       vspc --cc examples/c/classifier.c --allow=models \
           --model=classifier=examples/models/classifier.onnx */
#include <inttypes.h>
#include <stdio.h>
#include <vsp/guest.h>

VSP_MODEL(classifier);

enum { SIGNALS = 4, LAYERS = 16, CLASSES = 3 };

static const unsigned char signals[SIGNALS][LAYERS] = {
        {0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x8B, 0x8C, 0x8D, 0x8E, 0x8F},
        {0x9F, 0x9E, 0x8D, 0x8C, 0x7B, 0x7A, 0x79, 0x78, 0x87, 0x86, 0x95, 0x94, 0x93, 0x92, 0x91, 0x90},
        {0x87, 0x97, 0xA7, 0xB7, 0xC7, 0xD7, 0xE7, 0xF7, 0x77, 0x67, 0x57, 0x47, 0x37, 0x27, 0x17, 0x07},
        {0x80, 0x80, 0x81, 0x80, 0x83, 0x82, 0x85, 0x86, 0x87, 0x88, 0x88, 0x8A, 0x8B, 0x8C, 0x8C, 0x8E}};

/* The model takes magnitudes and phases, and gives the classes and how sure it is of each. */
static float inputs[SIGNALS][2][LAYERS];
static struct {
	int64_t classes[SIGNALS];
	float scores[SIGNALS][CLASSES];
} outputs;

int main(void)
{
	for (int s = 0; s < SIGNALS; s++)
		for (int i = 0; i < LAYERS; i++) {
			inputs[s][0][i] = (float)(signals[s][i] >> 4) - 8;
			inputs[s][1][i] = (float)(signals[s][i] & 15);
		}
	vsp_infer(0, inputs, &outputs, SIGNALS);
	for (int s = 0; s < SIGNALS; s++)
		printf("%" PRId64 "\n", outputs.classes[s]);
	return 0;
}
