#include "xsAll.h"
#include "xs.h"

/*
 * XS's own switch for finding missing roots (mxStress): it collects before each slot and each chunk it gives out. So its
 * high-water marks count what is alive and no garbage, which otherwise depends on when it last collected.
 */
extern int gxStress;

void xs_mark_heap(xsMachine *the)
{
	gxStress = 1;
	fxCollectGarbage(the);
	printf("heap %s %d %d %d %d\n", xsToString(xsArg(0)), (int)the->currentHeapCount,
		(int)the->currentChunksSize, (int)the->peakHeapCount, (int)the->peakChunksSize);
	fflush(stdout);
	the->peakHeapCount = the->currentHeapCount;
	the->peakChunksSize = the->currentChunksSize;
}
