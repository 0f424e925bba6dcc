"""Which urls may be posted to by their form, and which addresses (T09)."""

import ipaddress

import pytest

from vmuster.model.errors import Refused
from vmuster.wiring.outside.targets import check_addresses, networks, target_of


@pytest.mark.parametrize(
    "url",
    [
        "https://0x7f.1/",
        "https://0x7F000001/",
        "https://2130706433/",
        "https://017700000001/",
        "https://127.1/",
        "https://127.0.0.1./",
        "https://0177.0.0.1/",
        "https://1.2.3.4.5/",
        "https://[::1%25lo]/",
        "https://good.example@127.0.0.1/",
        "https://user:word@good.example/",
        "https://@good.example/",
        "https://good.example\\@127.0.0.1/",
        "https://good.example/#x",
        "https://good.example/\r\nHost: evil.example",
        "https://good.example/ x",
        "https://gööd.example/",
        "https://①②⑦.0.0.1/",
        "https:///path",
        "https://",
        "//good.example/",
        "good.example/x",
        "http:good.example",
        "file:///etc/passwd",
        "ftp://good.example/",
        "gopher://good.example/",
        "unix:///run/x.sock",
        "https://good.example:bad/",
        "https://[::1/",
        "https://good.example/" + "x" * 2000,
        "",
    ],
)
def test_a_url_of_another_form_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(Refused) as refused:
        target_of(url)
    assert not url or url not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "host", "port", "path"),
    [
        ("https://hooks.example/a/b?c=d", "hooks.example", 443, b"/a/b?c=d"),
        ("http://hooks.example:8080", "hooks.example", 8080, b"/"),
        ("HTTPS://Hooks.Example/%2e%2e", "hooks.example", 443, b"/%2e%2e"),
        ("https://192.0.2.7/x", "192.0.2.7", 443, b"/x"),
        ("https://[2001:db8::1]:8443/x", "2001:db8::1", 8443, b"/x"),
        ("https://xn--gd-fkaa.example/", "xn--gd-fkaa.example", 443, b"/"),
        ("https://h1.example.7a/", "h1.example.7a", 443, b"/"),
    ],
)
def test_a_plain_url_is_taken_apart(url: str, host: str, port: int, path: bytes) -> None:
    target = target_of(url)
    assert (target.host, target.port, target.path) == (host, port, path)
    assert "a/b" not in repr(target)


FORBIDDEN = [
    "127.0.0.1",
    "127.9.9.9",
    "::1",
    "169.254.169.254",
    "fe80::1",
    "fd00:ec2::254",
    "100.100.100.200",
    "168.63.129.16",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "fc00::1",
    "fec0::1",
    "0.0.0.0",
    "0.1.2.3",
    "::",
    "224.0.0.1",
    "239.1.1.1",
    "ff02::1",
    "255.255.255.255",
    "240.0.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "2001:db8::1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001:0:7f00:1::",
]


@pytest.mark.parametrize("address", FORBIDDEN)
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    at = ipaddress.ip_address(address)
    with pytest.raises(Refused, match=r"hooks\.example is at"):
        check_addresses(target_of("https://hooks.example/"), [at], ())
    good = ipaddress.ip_address("8.8.8.8")
    with pytest.raises(Refused, match=r"hooks\.example is at"):
        check_addresses(target_of("https://hooks.example/"), [good, at], ())


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111"])
def test_a_public_address_is_posted_to_over_tls_alone(address: str) -> None:
    at = ipaddress.ip_address(address)
    check_addresses(target_of("https://hooks.example/"), [at], ())
    with pytest.raises(Refused, match="clear text"):
        check_addresses(target_of("http://hooks.example/"), [at], ())
    with pytest.raises(Refused, match="no address"):
        check_addresses(target_of("https://hooks.example/"), [], ())


@pytest.mark.parametrize("address", ["10.1.2.3", "127.0.0.1", "fd00::5"])
def test_a_listed_network_may_be_posted_to_in_clear_text_too(address: str) -> None:
    at, allow = ipaddress.ip_address(address), networks(["10.0.0.0/8", "127.0.0.1", "fd00::/8"])
    check_addresses(target_of("https://hooks.example/"), [at], allow)
    check_addresses(target_of("http://hooks.example/"), [at], allow)


@pytest.mark.parametrize("address", ["224.0.0.1", "0.0.0.0", "::ffff:10.0.0.1", "::"])
def test_no_list_lets_a_disguise_or_a_crowd_through(address: str) -> None:
    allow = networks(["0.0.0.0/0", "::/0"])
    with pytest.raises(Refused, match="is at"):
        check_addresses(target_of("https://h.example/"), [ipaddress.ip_address(address)], allow)


@pytest.mark.parametrize("said", ["10.0.0.1/8", "everything", "10.0.0.0/33"])
def test_a_list_of_networks_is_read_strictly(said: str) -> None:
    with pytest.raises(Refused, match="webhook_allow"):
        networks([said])
