/// Measurements that are printed, never judged by a clock.
@org.jspecify.annotations.NullMarked
package io.kindling.tests.bench;
