/** Named in every backup: a later one that is made otherwise has another number. */
export const BACKUP_FORMAT = "skyfeeder-backup-1";
/** The last entry of a backup: one without it was cut off. */
export const END_ENTRY = "skyfeeder-backup.json";
