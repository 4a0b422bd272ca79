package io.kindling.pxe.tftp;

/// TFTP error codes (RFC 1350 appendix, RFC 2347).
enum TftpError {
  NOT_DEFINED(0),
  FILE_NOT_FOUND(1),
  ACCESS_VIOLATION(2),
  DISK_FULL(3),
  ILLEGAL_OPERATION(4),
  UNKNOWN_TRANSFER(5),
  FILE_EXISTS(6),
  NO_SUCH_USER(7),
  OPTION_REFUSED(8);

  private final int code;

  TftpError(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }
}
