/// `OperatorTls.open(…)`: the certificate of the operators' listener, the operator's own or one of
/// the appliance's authority. `ServiceCertificates.of(…)`: the authority's for services on nodes.
@NullMarked
package io.kindling.appliance.tls;

import org.jspecify.annotations.NullMarked;
