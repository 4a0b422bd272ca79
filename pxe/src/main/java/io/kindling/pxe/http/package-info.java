/// The `/boot/**` handler: scripts, the boot's token, boot files.
@NullMarked
package io.kindling.pxe.http;

import org.jspecify.annotations.NullMarked;
