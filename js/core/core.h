/*
 * What libvsp shows to JavaScript: functions over numbers and addresses alone, so that JavaScript
 * needs no layout of any struct. js/src/core.js is the other side. A call that fails leaves its
 * error in core_error, whose parts JavaScript asks for; nothing here may be called by two threads.
 */
#ifndef VSP_JS_CORE_H
#define VSP_JS_CORE_H

#include <stdbool.h>

#include <vsp/vsp.h>

/* Declares a function that JavaScript calls; its body follows. */
#define CORE_EXPORT(type, name, params) \
	__attribute__((export_name(#name))) type name params; \
	type name params
#define CORE_IMPORT(name) __attribute__((import_module("vsp"), import_name(#name)))

/* The error of the last call that can fail. */
extern vsp_error core_error;
/* Size in bytes of the last text, output or file that was returned by its address. */
extern size_t core_size;

#endif
