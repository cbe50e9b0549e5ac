using Migrator.Core.Discovery;
using Migrator.Core.Failures;
using Xunit;

namespace Migrator.Tests.Discovery;

public sealed class MailboxAddressTests
{
    [Theory]
    [InlineData("ann@example.org", "ann", "example.org")]
    [InlineData("Ann@Example.ORG.", "Ann", "example.org")]
    [InlineData("ann+tag/x@mail.example", "ann+tag/x", "mail.example")]
    [InlineData("\"ann b@home\"@example.org", "\"ann b@home\"", "example.org")]
    [InlineData("ann@bücher.example", "ann", "xn--bcher-kva.example")]
    [InlineData("ann@BÜCHER.example", "ann", "xn--bcher-kva.example")]
    [InlineData("jürgen@example.org", "jürgen", "example.org")]
    [InlineData("ann@localhost", "ann", "localhost")]
    public void An_address_is_read(string text, string local, string domain) =>
        Assert.Equal(new MailboxAddress(local, domain), MailboxAddress.Parse(text, "address"));

    [Theory]
    [InlineData("ann", "is not a mail address")]
    [InlineData("@example.org", "lacks")]
    [InlineData("ann@", "lacks")]
    [InlineData("ann b@example.org", "before the \"@\"")]
    [InlineData("ann:secret@example.org", "before the \"@\"")]
    [InlineData("ann\n@example.org", "before the \"@\"")]
    [InlineData("\"ann\n\"@example.org", "before the \"@\"")]
    [InlineData("ann\u202E@example.org", "before the \"@\"")]
    [InlineData("ann\u2028@example.org", "before the \"@\"")]
    [InlineData("ann@[192.0.2.1]", "IP address")]
    [InlineData("ann@192.0.2.1", "no valid domain")]
    [InlineData("ann@example.org:993", "no valid domain")]
    [InlineData("ann@example.org/x", "no valid domain")]
    [InlineData("ann@exa_mple.org", "no valid domain")]
    [InlineData("ann@-example.org", "no valid domain")]
    [InlineData("ann@example..org", "no valid domain")]
    [InlineData("ann@.", "no valid domain")]
    [InlineData("ann@abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnop.org", "no valid domain")]
    [InlineData("abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnop@example.org", "64 bytes")]
    public void What_is_none_is_refused_without_repeating_it(string text, string expected)
    {
        var refused = Assert.Throws<ConfigurationException>(() => MailboxAddress.Parse(text, "address"));

        Assert.Contains(expected, refused.Errors.Single().Message);
        Assert.DoesNotContain("secret", refused.Errors.Single().Message);
    }

    [Theory]
    [InlineData("imap.example.org", true)]
    [InlineData("EXAMPLE.org", true)]
    [InlineData("evilexample.org", false)]
    [InlineData("example.org.evil.net", false)]
    public void Only_hosts_within_it_belong_to_a_domain(string host, bool owned) =>
        Assert.Equal(owned, MailboxAddress.Parse("ann@example.org", "address").Owns(host));
}
