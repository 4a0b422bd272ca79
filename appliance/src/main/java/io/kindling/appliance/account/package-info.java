/// `Guard(accounts, sessions, tokens, audit)`: who may use the operators' listener, and what they
/// changed.
@NullMarked
package io.kindling.appliance.account;

import org.jspecify.annotations.NullMarked;
