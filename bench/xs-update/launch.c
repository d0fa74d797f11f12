/* Runs a Linux build of a Moddable app without the SDK's simulator, which needs a display. */

#include <dlfcn.h>
#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "screen.h"

#define SCREEN_PIXELS (16 * 16)
#define EXIT_ABORTED 70

static void end_aborted(txScreen *screen, int status)
{
	(void)screen;
	fprintf(stderr, "XS abort %d\n", status);
	exit(EXIT_ABORTED);
}

static void show_nothing(txScreen *screen)
{
	(void)screen;
}

static gboolean idle(gpointer data)
{
	txScreen *screen = data;
	if (screen->idle)
		screen->idle(screen);
	return TRUE;
}

static void start_idling(txScreen *screen, double interval_ms)
{
	g_timeout_add((guint)interval_ms, idle, screen);
}

int main(int argc, char **argv)
{
	void *app = argc > 1 ? dlopen(argv[1], RTLD_NOW) : NULL;
	txScreenLaunchProc launch = app ? (txScreenLaunchProc)dlsym(app, "fxScreenLaunch") : NULL;
	txScreen *screen = calloc(1, sizeof(txScreen) + SCREEN_PIXELS * screenBytesPerPixel);
	if (!launch || !screen) {
		fprintf(stderr, "launch: %s\n", dlerror());
		return EXIT_FAILURE;
	}
	/* The SDK's sockets write to connections that the server has closed. */
	signal(SIGPIPE, SIG_IGN);
	screen->abort = end_aborted;
	screen->bufferChanged = show_nothing;
	screen->formatChanged = show_nothing;
	screen->start = start_idling;
	screen->stop = show_nothing;
	screen->width = screen->height = 16;
	g_mutex_init(&screen->workersMutex);
	launch(screen);
	g_main_loop_run(g_main_loop_new(NULL, FALSE));
}
