/*
 * How much a work item of device_items.c does that stands for the instructions of a kernel in the
 * cost model: a turn of its loop would be six, a product, a sum, a shift, an exclusive or, a count
 * and a branch.
 */
#ifndef VSP_RUNTIME_DEVICE_WORK_H
#define VSP_RUNTIME_DEVICE_WORK_H

enum { VSP_WORK_TURNS = 64, VSP_WORK_INSTRUCTIONS = 6 * VSP_WORK_TURNS };

#endif
