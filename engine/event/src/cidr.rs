//! Networks: an address and how many of its leading bits count.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A network, with no bit set after its prefix.
///
/// Equality is of networks: `0.0.0.0/0` is not `10.0.0.0/8`, though it contains it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cidr {
    address: IpAddr,
    bits: u8,
}

/// Why a text is no network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CidrError {
    /// It is not an address, `/` and a number of bits.
    Form,
    /// More bits than the address has.
    Bits {
        /// How many it has: 32 or 128.
        most: u8,
    },
    /// Bits are set after the prefix.
    HostBits {
        /// The network it lies in.
        network: Cidr,
    },
}

impl Cidr {
    /// The network of `bits` bits that `address` lies in.
    ///
    /// # Errors
    ///
    /// [`CidrError::Bits`] if the address has fewer.
    pub fn masked(address: IpAddr, bits: u8) -> Result<Self, CidrError> {
        let most = if address.is_ipv4() { 32 } else { 128 };
        if bits > most {
            return Err(CidrError::Bits { most });
        }
        let address = match address {
            IpAddr::V4(v4) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
                IpAddr::V4(Ipv4Addr::from_bits(v4.to_bits() & mask))
            }
            IpAddr::V6(v6) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
                IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & mask))
            }
        };
        Ok(Self { address, bits })
    }

    /// The network a text such as `10.0.0.0/8` or `::/0` names.
    ///
    /// # Errors
    ///
    /// [`CidrError::HostBits`] if bits are set after the prefix, else what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, CidrError> {
        let (network, given) = Self::split(text)?;
        if network.address == given { Ok(network) } else { Err(CidrError::HostBits { network }) }
    }

    /// The network that a text such as `203.0.113.7/24` lies in; host bits are dropped.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn parse_masked(text: &str) -> Result<Self, CidrError> {
        Ok(Self::split(text)?.0)
    }

    fn split(text: &str) -> Result<(Self, IpAddr), CidrError> {
        let (address, bits) = text.split_once('/').ok_or(CidrError::Form)?;
        if bits.is_empty() || bits.len() > 3 || !bits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(CidrError::Form);
        }
        let address: IpAddr = address.parse().map_err(|_| CidrError::Form)?;
        let bits = bits.parse::<u16>().map_or(u8::MAX, |b| u8::try_from(b).unwrap_or(u8::MAX));
        Ok((Self::masked(address, bits)?, address))
    }

    /// Whether the address lies in the network. IPv4 and IPv6 never mix.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        Self::masked(address, self.bits).is_ok_and(|network| network == *self)
    }

    /// The first address.
    #[must_use]
    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// The length of the prefix.
    #[must_use]
    pub fn bits(&self) -> u8 {
        self.bits
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_contain_their_own() {
        let ten = Cidr::parse("10.0.0.0/8").unwrap();
        assert!(ten.contains("10.255.0.1".parse().unwrap()));
        assert!(!ten.contains("11.0.0.0".parse().unwrap()));
        assert!(!ten.contains("::1".parse().unwrap()));
        assert!(Cidr::parse("0.0.0.0/0").unwrap().contains("1.2.3.4".parse().unwrap()));
        assert!(Cidr::parse("::/0").unwrap().contains("2001:db8::1".parse().unwrap()));
        assert_ne!(ten, Cidr::parse("0.0.0.0/0").unwrap());
    }

    #[test]
    fn faults_are_told_apart() {
        assert_eq!(
            Cidr::parse("10.0.0.1/8"),
            Err(CidrError::HostBits { network: Cidr::parse("10.0.0.0/8").unwrap() })
        );
        assert_eq!(Cidr::parse("10.0.0.0/33"), Err(CidrError::Bits { most: 32 }));
        assert_eq!(Cidr::parse("10.0.0/8"), Err(CidrError::Form));
        assert_eq!(Cidr::parse("10.0.0.0"), Err(CidrError::Form));
        assert_eq!(Cidr::parse_masked("203.0.113.7/24").unwrap().to_string(), "203.0.113.0/24");
    }
}
