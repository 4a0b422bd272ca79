/// What both doors share: problems (RFC 9457), JSON, bounded bodies, server-sent events.
@NullMarked
package io.kindling.appliance.http;

import org.jspecify.annotations.NullMarked;
