/**
 * What a SIP message may weigh, in one place. Over a limit the parser throws
 * `SipParseError` with TRK_SIP_TOO_LARGE and the status to answer.
 */
export const limits = {
  /** Bytes of a UDP datagram; IP allows no more. */
  datagramBytes: 65_535,
  /** Bytes of one message on a stream, head and body. */
  streamMessageBytes: 256 * 1024,
  /** Bytes of start line and header fields together. */
  headBytes: 64 * 1024,
  /** Header fields (lines after unfolding). */
  headerCount: 256,
  /** Characters of one header field after unfolding, name included. */
  headerLine: 8 * 1024,
  /** Characters of a URI, wherever it stands. */
  uri: 2 * 1024,
  /** Characters of a method name. */
  method: 64,
  /** Characters of a Call-ID, a tag or a branch: they are kept for the life of a dialog or transaction. */
  identifier: 1024,
} as const;
