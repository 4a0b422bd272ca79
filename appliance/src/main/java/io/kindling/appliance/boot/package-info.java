/// `LiveBootDecisions(nodes, tokens)`: the one table state × stage → boot action, asked for every
/// packet.
@NullMarked
package io.kindling.appliance.boot;

import org.jspecify.annotations.NullMarked;
