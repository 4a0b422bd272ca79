/// Read-only TFTP: `TftpServer(ports, transfers(catalogue))`.
@NullMarked
package io.kindling.pxe.tftp;

import org.jspecify.annotations.NullMarked;
