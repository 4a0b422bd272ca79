/// The console in a browser, against an appliance of its own.
@org.jspecify.annotations.NullMarked
package io.kindling.tests.browser;
