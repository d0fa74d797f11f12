/** Every bound of the firmware, with its unit and its reason. */

/** Below this the load cell sees wind and rain; a great tit weighs 18 g but the perch doubles what lands on it. */
export const VISIT_WEIGHT_GRAMS = 80;
/** A PIR's comparator chatters for some 100 ms at an edge, and a branch in the wind stays below half a second. */
export const PRESENCE_SETTLE_MS = 500;
/** From one visit to the next: one bird that hops about is one visit. */
export const VISIT_COOL_DOWN_MS = 10_000;
/** Each reading wakes the processor; a bird stays 10 s and more, and the PIR sees most of them first. */
export const WEIGH_IDLE_MS = 2_000;
/** Two readings inside the settling time, so that a single spike is no visit. */
export const WEIGH_SETTLING_MS = 250;

/** The camera board samples its wake pin with a 32 kHz clock; the first stack proved 80 ms, 100 ms is its upper end. */
export const WAKE_PULSE_MS = 90;
/** Measured boot to ready: 6.7 s median, 8.6 s maximum with Wi-Fi; half as much again on top. */
export const CAMERA_HELLO_MS = 15_000;
export const CAMERA_WAKE_ATTEMPTS_MAX = 3;
/** Sensor start, exposure and encoding of the first still take about half a second. */
export const CAMERA_OFFER_MS = 5_000;
/** With nothing intact heard for so long the camera is gone: a frame is sent again every 300 ms. */
export const CAMERA_SILENCE_MS = 5_000;
/** How long the order to sleep may wait for its acknowledgement. */
export const CAMERA_SLEEP_MS = 1_000;
/** A camera that restarts in the middle is asked again; one that always does would be held awake for ever. */
export const CAMERA_RESTARTS_MAX = 2;
/** 115 bytes arrive in 10 ms at 115200 baud; the 8 KiB ring would hold 700 ms. */
export const UART_POLL_MS = 10;
/** Nothing but a hello can come while the camera boots. */
export const UART_POLL_WAKING_MS = 50;
export const UART_READ_BYTES = 1_024;
/** 640x480 stills measured 17 to 22 kB; full HD at high quality stays below this. */
export const STILL_BYTES_MAX = 256 * 1024;

/** The spool's partition holds about 26 stills of 19.5 kB; smaller ones must not grow the table in RAM without end. */
export const SPOOL_ITEMS_MAX = 48;

/** Waits before the 2nd, 3rd and 4th attempt, counted from the start of the one before. */
export const RETRY_DELAYS_MS = [60_000, 300_000, 900_000] as const;
export const PARKED_RETRY_MS = 3_600_000;
/** For connecting and for the answer; the bytes have their own time on top. */
export const PUT_TIMEOUT_MS = 15_000;
/** 4 kB/s: the slowest Wi-Fi that still holds a link. */
export const PUT_BYTES_PER_MS_MIN = 4;
export const PRESIGN_TIMEOUT_MS = 15_000;
export const DISCOVERY_TIMEOUT_MS = 15_000;
/** Discovery and the upload in hand; a second upload is never asked for before the first is done. */
export const HTTP_WAITING_MAX = 4;

export const RECONNECT_BASE_MS = 1_000;
/** Full jitter below one minute: 5,000 feeders come back at 170 a second after an outage. */
export const RECONNECT_CAP_MS = 60_000;
export const WEB_SOCKET_CONNECT_MS = 15_000;
/** An event not acknowledged for so long means the connection is dead, whatever TCP believes. */
export const EVENT_ACK_MS = 10_000;
export const HEARTBEAT_MS = 60_000;
/** Twelve stages each of four photos that were parked, with their visits: an hour offline. */
export const EVENT_QUEUE_MAX = 64;
