package io.kindling.pxe.dhcp.wire;

/// DHCP option codes by name (IANA "BOOTP Vendor Extensions and DHCP Options").
public final class OptionCode {
  public static final int PAD = 0;
  public static final int SUBNET_MASK = 1;
  public static final int ROUTER = 3;
  public static final int DNS = 6;
  public static final int HOST_NAME = 12;
  public static final int DOMAIN_NAME = 15;
  public static final int BROADCAST_ADDRESS = 28;
  public static final int NTP = 42;
  public static final int VENDOR_SPECIFIC = 43;
  public static final int REQUESTED_ADDRESS = 50;
  public static final int LEASE_TIME = 51;
  public static final int OVERLOAD = 52;
  public static final int MESSAGE_TYPE = 53;
  public static final int SERVER_ID = 54;
  public static final int PARAMETER_REQUEST_LIST = 55;
  public static final int MESSAGE = 56;
  public static final int MAX_MESSAGE_SIZE = 57;
  public static final int RENEWAL_TIME = 58;
  public static final int REBINDING_TIME = 59;
  public static final int VENDOR_CLASS = 60;
  public static final int CLIENT_ID = 61;
  public static final int TFTP_SERVER = 66;
  public static final int BOOT_FILE = 67;
  public static final int USER_CLASS = 77;
  public static final int RELAY_AGENT = 82;
  public static final int CLIENT_ARCHITECTURE = 93;
  public static final int CLIENT_NETWORK_INTERFACE = 94;
  public static final int CLIENT_MACHINE_ID = 97;
  public static final int SUBNET_SELECTION = 118;
  public static final int DOMAIN_SEARCH = 119;
  public static final int CLASSLESS_ROUTES = 121;
  public static final int VENDOR_IDENTIFYING = 125;
  public static final int TFTP_SERVER_ADDRESS = 150;
  public static final int IPXE = 175;
  public static final int END = 255;

  private OptionCode() {}
}
