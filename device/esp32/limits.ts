/** Every bound of the firmware, with its unit and its reason. What an operator may change is in protocol/device-config.ts. */

/** Each reading wakes the processor. While a bird is there, and behind it: birds of a flock come within a minute. */
export const WEIGH_MIN_MS = 2_000;
/** When nobody came for some minutes; a bird that only the scale sees stays 5 to 60 s. */
export const WEIGH_MAX_MS = 10_000;
/** In between the waits grow with the time that nobody came: 2 s up to 40 s of it, 10 s from 200 s on. */
export const WEIGH_SHARE_OF_ABSENCE = 1 / 20;
/** Two readings inside the settling time, so that a single spike is no visit. */
export const WEIGH_SETTLING_MS = 250;

/** The bird has settled by then. */
export const CLIP_AFTER_MS = 5_000;

/** The camera board samples its wake pin with a 32 kHz clock; the first stack proved 80 ms, 100 ms is its upper end. */
export const WAKE_PULSE_MS = 90;
/** Measured boot to ready: 6.7 s median, 8.6 s maximum with Wi-Fi; half as much again on top. */
export const CAMERA_HELLO_MS = 15_000;
export const CAMERA_WAKE_ATTEMPTS_MAX = 3;
/** Its capacitors hold a second. */
export const CAMERA_OFF_MS = 2_000;
/** A camera that does not come up is left alone, each time twice as long. */
export const CAMERA_REST_BASE_MS = 60_000;
export const CAMERA_REST_MAX_MS = 3_600_000;
/** From the order to sleep until its wake pin is armed; measured 0.22 s on the first stack. */
export const CAMERA_SETTLE_MS = 500;
/** Booting takes it 2 s: a shorter pause is cheaper awake. */
export const CAMERA_NAP_MS = 4_000;
/** From the pulse to its hello, so that a planned still is in time. */
export const CAMERA_WAKE_LEAD_MS = 2_200;
/** Its sensor takes half a second, and is given up by the camera itself after 7 s where it has just woken. */
export const CAMERA_OFFER_MS = 8_000;
/** With nothing intact heard for so long the camera is gone: a frame is sent again once a second at least. */
export const CAMERA_SILENCE_MS = 5_000;
/** How long the order to sleep may wait for its acknowledgement: some retransmissions. */
export const CAMERA_SLEEP_MS = 3_000;
/** A camera that restarts in the middle is asked again; one that always does would be held awake for ever. */
export const CAMERA_RESTARTS_MAX = 2;
/** What a camera holds it offers right behind its hello; one lost frame more is 50 to 300 ms. */
export const CAMERA_OFFERS_MS = 500;
/** What a camera still holds it offers with its hello: after so long it has lost it. */
export const CAMERA_OFFER_AGAIN_MS = 2_000;
/** A camera that nobody saw go to sleep may be awake with a still: it is listened for so long (three hellos) ... */
export const CAMERA_LOOK_MS = 1_500;
/** ... after 15 s, then 1 and 4 minutes later. */
export const CAMERA_LOOK_BASE_MS = 15_000;
export const CAMERA_LOOKS_MAX = 3;
/** 920 bytes arrive in 10 ms at 921600 baud; the 8 KiB ring would hold 89 ms. */
export const LINK_POLL_MS = 10;
/** Nothing but a hello can come while the camera boots. */
export const LINK_POLL_IDLE_MS = 50;
/** RING_BYTES of native/camera_uart.c. */
export const LINK_BUFFER_BYTES = 8_192;
/** The UART is clocked from 80 MHz: all three are within 0.2 %. */
export const LINK_BAUDS = [115_200, 460_800, 921_600] as const;
/** 640x480 stills measured 17 to 22 kB; full HD at high quality stays below this. */
export const STILL_BYTES_MAX = 256 * 1024;
/** Under noise a frame in three comes through: some data arrives each second. */
export const STILL_STALLED_MS = 10_000;
/** First stills of visits that came while the camera was being woken; each wake is 45 s at most, visits 10 s apart. */
export const SHOTS_AGAIN_MAX = 8;
/** Shots whose end was told: a still found again later must not be told of twice. Three visits with all of theirs. */
export const CAPTURES_REMEMBERED_MAX = 36;
/** What the camera's memory holds. */
export const CLIPS_OFFERED_MAX = 2;
/** The stills of a whole visit, should the feeder be away that long. */
export const STILLS_OFFERED_MAX = 12;
/** Between the link and the network: 89 ms of 921600 baud. */
export const CLIP_BUFFER_BYTES = 8_192;
/** The camera joins Wi-Fi in 5 to 8 s and gives the whole up itself after 50 s. */
export const CLIP_BY_WIFI_MS = 60_000;
/** The camera's Wi-Fi once, where it has it; the others over the link. */
export const CLIP_ATTEMPTS_MAX = 3;
/** A server that restarts is back by then. */
export const CLIP_RETRY_MS = 5_000;
/** An awake camera costs 250 mA: a clip does not wait longer for the network, which is joined again each 10 s. */
export const CLIP_ONLINE_MS = 30_000;
/** The camera gives a network up after 45 s: scan, join and address. */
export const CAMERA_WIFI_MS = 50_000;
/**
 * A camera at work refuses to sleep, and a feeder that has restarted does not know at what: a clip, which is offered
 * when it is recorded, or at the longest a network. One that still refuses is left to its own timer.
 */
export const CAMERA_REFUSALS_MAX = CAMERA_WIFI_MS / CAMERA_OFFERS_MS;

/** A still of 30 kB; more is erased as it comes. */
export const SPOOL_AHEAD_SECTORS = 8;
/** The spool's partition holds about 26 stills of 19.5 kB; smaller ones must not grow the table in RAM without end. */
export const SPOOL_ITEMS_MAX = 48;

/** For connecting and for the answer; the bytes have their own time on top. */
export const PUT_TIMEOUT_MS = 15_000;
/** 4 kB/s: the slowest Wi-Fi that still holds a link. */
export const PUT_BYTES_PER_MS_MIN = 4;
export const PRESIGN_TIMEOUT_MS = 15_000;

export const RECONNECT_BASE_MS = 1_000;
/** Full jitter below one minute: 5,000 feeders come back at 170 a second after an outage. */
export const RECONNECT_CAP_MS = 60_000;
/** A 401 on an open session leads to discovery at most so often: one that says yes each time must not be asked in a loop. */
export const REDISCOVER_MS = 600_000;
export const ENROLMENT_REQUEST_MS = 15_000;
/** RFC 8628, 3.5: five seconds where a server says nothing; whoever has approved waits for no more than a minute. */
export const ENROLMENT_POLL_MIN_MS = 5_000;
export const ENROLMENT_POLL_MAX_MS = 60_000;
/** Of a claim code: time to read it, and not so long that a server's mistake leaves the feeder out for a day. */
export const CLAIM_CODE_MIN_MS = 60_000;
export const CLAIM_CODE_MAX_MS = 3_600_000;
/** Whoever opens the serial log finds the claim code within this. */
export const CLAIM_CODE_SHOWN_MS = 60_000;
/** Somebody has said no, and may have been wrong. */
export const ENROLMENT_DENIED_MS = 3_600_000;
/** Tokens live for half a year: of the last half of it a day is a hundredth. */
export const TOKEN_LOOK_MS = 86_400_000;
export const TOKEN_REQUEST_MS = 15_000;
/** Both ends give the other up after one and a half of it. */
export const MQTT_KEEP_ALIVE_MS = 60_000;
/** Connections in a row without a word of the server: a broker that restarts is back within two. */
export const MQTT_ATTEMPTS_MAX = 3;
/** The relay does as well for so long: no hurry to try a broker again. */
export const MQTT_RETRY_MS = 3_600_000;
/** An event not acknowledged for so long means the connection is dead, whatever TCP believes. */
export const EVENT_ACK_MS = 10_000;
/** Twelve stages each of four photos that were parked, with their visits: an hour offline. */
export const EVENT_QUEUE_MAX = 64;

/** A followed log goes out once a second, one event at a time: 3 KB of heap at most, and nothing when nobody follows. */
export const REMOTE_LOG_SEND_MS = 1_000;
export const REMOTE_LOG_LINES_MAX = 12;
export const REMOTE_LOG_LINE_CHARACTERS_MAX = 160;

/** What one page and one screen of a phone show; a city flat hears 40. */
export const NEARBY_NETWORKS_MAX = 16;
/** Association takes 2 s, a lease 1 to 10; Improv's clients give up after 30. */
export const JOIN_TRIAL_MS = 27_000;

/** UART0's transmit FIFO has 128 bytes: a packet that fits is not torn by a line of the log. */
export const CONSOLE_PACKET_BYTES_MAX = 128;
/** The answer to a scan is one packet a network and one more; two others. */
export const CONSOLE_PACKETS_MAX = NEARBY_NETWORKS_MAX + 3;
/** Behind the last packet, and for a client's last question. */
export const PROVISIONED_RESTART_MS = 2_000;
/** So many times in a row the power came, and went again within ten seconds: nobody does that by accident. */
export const POWER_CYCLES = 3;
export const POWER_CYCLE_MS = 10_000;
/** Longer than anybody leans on a board. */
export const PORTAL_PRESS_MS = 4_000;
/** Nobody has looked at the portal for so long: an open door is closed again. */
export const PORTAL_IDLE_MS = 600_000;
/** A phone that lost the network when its channel changed is back within ten, and the page asks again each three. */
export const PORTAL_GOODBYE_MS = 15_000;
/** From the page that says so: its last bytes are still on the air. */
export const PORTAL_GOODBYE_SEEN_MS = 2_000;
/** Somebody waits for it. */
export const PORTAL_SERVER_MS = 10_000;
/** Of 31 characters each: 59 bits, for a handshake that may be recorded and guessed at for years. */
export const PORTAL_PASSWORD_LENGTH = 12;
/** What one browser opens at once; each may hold a page in RAM. */
export const PORTAL_CONNECTIONS_MAX = 4;
/** From the first byte of a request to the last of its answer. */
export const PORTAL_REQUEST_MS = 10_000;
/** Of a request one line is held at a time; the longest that matters is the Host of 255 characters. */
export const PORTAL_LINE_BYTES_MAX = 512;
/** What a phone sends to another host has that host's cookies. */
export const PORTAL_HEAD_BYTES_MAX = 16_384;
/** All fields at their longest, each of their bytes as three. */
export const PORTAL_FORM_BYTES_MAX = 1_536;
/** Four in a row of the SDK's smallest send buffer: a phone on the edge of the network has it within a second. */
export const PORTAL_PAGE_BYTES_MAX = 8_192;
/** One TCP segment of the SDK's lwIP. */
export const PORTAL_PIECE_BYTES = 1_436;

/** The first poll comes within this after the start, so that feeders of one power cut do not come as one. */
export const UPDATE_FIRST_POLL_MS = 60_000;
/** Each wait differs by up to a tenth of it. */
export const UPDATE_POLL_MS = 600_000;
/** What a server may set it to. */
export const UPDATE_POLL_MIN_MS = 60_000;
export const UPDATE_POLL_MAX_MS = 86_400_000;
export const UPDATE_REQUEST_MS = 15_000;
/** Battery, window and idleness are looked at so often while an update waits for them. */
export const UPDATE_QUIET_LOOK_MS = 5_000;
/** 1.7 MB at 2 kB/s: slower is broken, and goes on where it was. */
export const DOWNLOAD_TIMEOUT_MS = 900_000;
/** A link that holds brings something within some retransmissions. */
export const DOWNLOAD_IDLE_MS = 15_000;
/** After a broken connection, doubled while nothing comes. */
export const DOWNLOAD_RETRY_BASE_MS = 2_000;
export const DOWNLOAD_RETRY_MAX_MS = 600_000;
/** A new image has so long to show that it can be updated again: a home router restarts in two minutes. */
export const GATE_DEADLINE_MS = 300_000;
/** The old image asks the same before it restarts; what fails now is asked again later. */
export const GATE_BEFORE_RESTART_MS = 60_000;
/** Behind the deadline, for a request that is under way: after that the gate is over, whatever hangs. */
export const GATE_SLACK_MS = 60_000;
export const GATE_RETRY_PAUSE_MS = 10_000;
export const GATE_RETRY_MS = 600_000;
export const GATE_REQUEST_MS = 15_000;
/** Header, first segment and description of the image. */
export const GATE_TRIAL_BYTES = 1_024;
/** Under one signature: the first, and one more when the environment was to blame. */
export const INSTALLS_MAX = 2;
/** A publisher signs a few a day; 2^53 is nine thousand million such steps away. */
export const SEQUENCE_STEP_MAX = 1_000_000;
/** After bytes that were not what was signed, doubled each time: a bad hop must not wear the slot out. */
export const BAD_DOWNLOAD_BASE_MS = 600_000;
export const BAD_DOWNLOAD_MAX_MS = 86_400_000;
/** A broker that was not told that a command has arrived says it again behind the restart, and so on for ever. */
export const COMMAND_SETTLE_MS = 1_000;
/** Offers and settings in the room: each may cost a write of NVS. */
export const COMMAND_EVERY_MS = 5_000;
/** 120 bytes each in NVS, where a value has at most 4,000. */
export const LEDGER_ENTRIES_MAX = 12;
/** Results nobody acknowledged: a day without a server has at most the two of one image. */
export const RESULTS_MAX = 4;
export const BOOTS_FAILED_MAX = 3;
export const UPDATES_FAILED_MAX = 3;
/** New settings have so long to show that the server is reached with them: a home router restarts in two minutes. */
export const CONFIG_TRIAL_MS = 300_000;
/** A garden whose power comes and goes must not keep settings on trial for ever. */
export const CONFIG_STARTS_MAX = 3;
/** Running for so long is having started well: longer than any start-up work, shorter than a visit a day. */
export const BOOT_WELL_MS = 120_000;
/** Safe mode tries everything again once a day: what broke it may be over. */
export const SAFE_MODE_RETRY_MS = 86_400_000;
/** Errors that would come again at every start: the feeder goes to safe mode at the first. */
export const CRITICAL_ERRORS = {
  /** The chip is worn out, or the partition is not where the table says. */
  spool: "flash_failed",
  /** NVS is full or broken. */
  store: "storage_failed",
} as const;
