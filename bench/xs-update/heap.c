/* What the JavaScript heap holds, and the most it had to hold at once. */

#include "xsAll.h"
#include "xs.h"

/*
 * With XS's switch for finding missing roots (mxStress) it collects before each slot and each chunk that it gives out:
 * what a collection then meets is what was alive when the last one of them was asked for, and no garbage.
 */
extern int gxStress;

/* Of the ESP32; 32 here. The most is looked for in bytes of that board. */
#define SLOT_BYTES 16

static struct {
	int slots;
	int chunk_bytes;
	int stack_slots;
} peak;

static void note_peak(txMachine *the)
{
	int slots = (int)the->currentHeapCount;
	int chunk_bytes = (int)the->currentChunksSize;
	int stack_slots = (int)(the->stackTop - the->stack);
	if (slots * SLOT_BYTES + chunk_bytes > peak.slots * SLOT_BYTES + peak.chunk_bytes) {
		peak.slots = slots;
		peak.chunk_bytes = chunk_bytes;
	}
	if (stack_slots > peak.stack_slots)
		peak.stack_slots = stack_slots;
}

/* XS asks a host object at each collection what it refers to: nothing, but the counts are those before it. */
static void mark_nothing(xsMachine *the, void *data, xsMarkRoot mark_root)
{
	(void)data;
	(void)mark_root;
	note_peak(the);
}

static const xsHostHooks hooks = { NULL, mark_nothing, NULL };

void xs_watch_heap(xsMachine *the)
{
	static xsSlot watcher;
	watcher = xsNewHostObject(NULL);
	xsSetHostData(watcher, &watcher);
	xsSetHostHooks(watcher, (xsHostHooks *)&hooks);
	xsRemember(watcher);
	gxStress = 1;
}

void xs_mark_heap(xsMachine *the)
{
	note_peak(the);
	fxCollectGarbage(the);
	printf("heap %s %d %d %d %d %d\n", xsToString(xsArg(0)), (int)the->currentHeapCount,
		(int)the->currentChunksSize, peak.slots, peak.chunk_bytes, peak.stack_slots);
	fflush(stdout);
	memset(&peak, 0, sizeof(peak));
}
