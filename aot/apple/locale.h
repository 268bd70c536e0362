/*
 * Local customs on Apple's systems, see assert.h.
 */
#ifndef VSP_APPLE_LOCALE_H
#define VSP_APPLE_LOCALE_H

/* The first of its members alone is declared; the system makes it. */
struct lconv {
	char *decimal_point;
};
struct lconv *localeconv(void);

#endif
