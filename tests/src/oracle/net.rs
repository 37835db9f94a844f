//! Addresses and networks.
//!
//! An IPv4 address written in IPv6 form is the IPv4 address. A network is held
//! as its lowest address and its length.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Net {
    /// The lowest address.
    pub base: IpAddr,
    /// The number of leading bits that are the network's.
    pub bits: u32,
}

impl Net {
    /// The network of a text, host bits cleared; nothing when it is none.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (address, bits) = text.split_once('/')?;
        let address: IpAddr = address.parse().ok()?;
        let bits: u32 = bits.parse().ok()?;
        (bits <= width(address)).then(|| Self { base: masked(address, bits), bits })
    }

    /// Whether an address lies in it.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        width(address) == width(self.base) && masked(address, self.bits) == self.base
    }

    /// Its text, such as `10.0.0.0/8`.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}/{}", self.base, self.bits)
    }
}

/// The address of a text, IPv4 in IPv6 as IPv4.
pub(crate) fn address(text: &str) -> Option<IpAddr> {
    Some(text.parse::<IpAddr>().ok()?.to_canonical())
}

fn width(address: IpAddr) -> u32 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn masked(address: IpAddr, bits: u32) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
            IpAddr::V4(Ipv4Addr::from(u32::from(address) & mask))
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from(u128::from(address) & mask))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Net, address};

    #[test]
    fn networks_hold_their_addresses() {
        for (net, inside, outside) in [
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.0"),
            ("0.0.0.0/0", "255.1.1.1", "::1"),
            ("::/0", "2001:db8::1", "1.1.1.1"),
            ("198.51.100.7/32", "::ffff:198.51.100.7", "198.51.100.8"),
        ] {
            let net = Net::read(net).unwrap();
            assert!(net.contains(address(inside).unwrap()));
            assert!(!net.contains(address(outside).unwrap()));
        }
        assert_eq!(Net::read("203.0.113.7/24").unwrap().text(), "203.0.113.0/24");
        assert_eq!(address("06.1.1.1"), None);
    }
}
