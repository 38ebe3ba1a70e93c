/** Whether people's data is sealed, and with what. */
export interface SealingSettings {
  /** What the operator says; null: a new log is sealed, and any other stays what it is. */
  wanted: 'on' | 'off' | null;
  /** 32 bytes in base64; null: the key that development mode makes and keeps in DATA_DIR. */
  masterKey: string | null;
  /** Another key that still wraps, or will wrap, some of the keys; null outside of a rotation. */
  previousMasterKey: string | null;
}
