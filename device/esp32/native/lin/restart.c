/* The Linux build has no board to restart: it ends, and whoever started it starts it again. */

#include <stdlib.h>

/* EX_TEMPFAIL of sysexits.h. */
#define EXIT_TO_RESTART 75

void restart_board(void)
{
	exit(EXIT_TO_RESTART);
}
