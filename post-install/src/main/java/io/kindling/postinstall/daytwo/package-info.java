/// What is done to a Ceph cluster that serves: `Engine(…).run(DayTwoPlan.check(model, order))`, and
/// where nothing speaks against it `run(DayTwoPlan.work(model, order))`.
@NullMarked
package io.kindling.postinstall.daytwo;

import org.jspecify.annotations.NullMarked;
