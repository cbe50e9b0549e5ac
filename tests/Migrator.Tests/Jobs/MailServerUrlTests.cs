using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Secrets;
using Xunit;

namespace Migrator.Tests.Jobs;

public sealed class MailServerUrlTests
{
    private static readonly SecretReference s_password = new(SecretSource.Env, "P");

    [Theory]
    [InlineData("imaps://ann@old.example", "ann", "old.example", 993, TlsMode.Implicit)]
    [InlineData("IMAPS://ann@old.example/", "ann", "old.example", 993, TlsMode.Implicit)]
    [InlineData("imap://ann@old.example", "ann", "old.example", 143, TlsMode.StartTls)]
    [InlineData("imap://ann@old.example?tls=none", "ann", "old.example", 143, TlsMode.None)]
    [InlineData("imap://ann@old.example:1143/?tls=implicit", "ann", "old.example", 1143, TlsMode.Implicit)]
    [InlineData("imaps://ann@example.org@old.example", "ann@example.org", "old.example", 993, TlsMode.Implicit)]
    [InlineData("imaps://ann%40example.org@old.example:99", "ann@example.org", "old.example", 99, TlsMode.Implicit)]
    [InlineData("imaps://a%3Ab@old.example", "a:b", "old.example", 993, TlsMode.Implicit)]
    [InlineData("imaps://ann@[::1]", "ann", "::1", 993, TlsMode.Implicit)]
    [InlineData("imaps://ann@[::1]:1993", "ann", "::1", 1993, TlsMode.Implicit)]
    public void Accounts(string url, string user, string host, int port, TlsMode tls) =>
        Assert.Equal(
            new MailServer(host, port, tls, user, s_password, AuthMethod.Auto, CertificateTrust.System),
            MailServerUrl.Parse(url, "source", s_password)
        );

    [Theory]
    [InlineData("pop3s://ann@old.example", 995, TlsMode.Implicit)]
    [InlineData("pop3://ann@old.example", 110, TlsMode.StartTls)]
    [InlineData("POP3://ann@old.example?tls=none", 110, TlsMode.None)]
    [InlineData("pop3://ann@old.example:1110", 1110, TlsMode.StartTls)]
    public void POP3(string url, int port, TlsMode tls) =>
        Assert.Equal(
            new MailServer("old.example", port, tls, "ann", s_password, AuthMethod.Auto, CertificateTrust.System, MailProtocol.Pop3),
            MailServerUrl.Parse(url, "source", s_password)
        );

    [Fact]
    public void The_query_says_how_to_get_in()
    {
        var digits = new string('a', 64);
        var pinned = MailServerUrl.Parse($"imaps://ann@old.example?auth=plain&fingerprint=sha256:{digits}", "source", s_password);
        Assert.Equal((AuthMethod.Plain, new CertificateTrust(digits, null)), (pinned.Auth, pinned.Trust));
        var trusting = MailServerUrl.Parse("imaps://ann@old.example?ca=my%20ca.pem", "source", s_password);
        Assert.Equal(new CertificateTrust(null, Path.GetFullPath("my ca.pem")), trusting.Trust);
    }

    [Theory]
    [InlineData("old.example", "must look like")]
    [InlineData("smtp://ann@old.example", "must look like")]
    [InlineData("pop3s://ann@old.example?tls=none", "is pop3s:// (TLS from the first byte) but has tls=none; write pop3:// for that.")]
    [InlineData("imaps://old.example", "names no user")]
    [InlineData("imaps://@old.example", "names no user")]
    [InlineData("imaps://ann@", "names no host")]
    [InlineData("imaps://ann@old.example/INBOX", "names no host")]
    [InlineData("imaps://ann@old.example:0", "has no port")]
    [InlineData("imaps://ann@old.example:+993", "has no port")]
    [InlineData("imaps://ann@old.example:65536", "has no port")]
    [InlineData("imaps://ann@old.example?tls=ssl", "has tls=ssl; use \"implicit\", \"starttls\" or \"none\".")]
    [InlineData("imaps://ann@old.example?tls=none", "is imaps:// (TLS from the first byte) but has tls=none")]
    [InlineData("imaps://ann@old.example?auth=magic", "has auth=magic; use \"auto\"")]
    [InlineData("imaps://ann@old.example?auth=plain&auth=login", "has auth twice")]
    [InlineData("imaps://ann@old.example?fingerprint=sha1:00", "has a fingerprint that is not")]
    [InlineData("imaps://ann@old.example?ca=", "has no value for ca")]
    [InlineData("imaps://ann@old.example?ca=a%00b", "has no value for ca")]
    [InlineData("imaps://ann@old.example?timeout=5", "has something else than")]
    [InlineData("imaps://ann@old.example?ca=x&fingerprint=0000000000000000000000000000000000000000000000000000000000000000", "has both")]
    public void Mistakes(string url, string message)
    {
        var error = Assert.Single(Assert.Throws<ConfigurationException>(() => MailServerUrl.Parse(url, "source", s_password)).Errors);
        Assert.Equal(("source", null), (error.Path, error.Line));
        Assert.StartsWith(message, error.Message);
    }

    [Fact]
    public void All_mistakes_come_at_once()
    {
        var exception = Assert.Throws<ConfigurationException>(() =>
            MailServerUrl.Parse("imaps://ann@a b:0?tls=x&auth=y&zzz=1", "source", s_password)
        );
        Assert.Equal(5, exception.Errors.Count);
    }

    [Theory]
    [InlineData("imaps://ann:{0}@old.example")]
    [InlineData("imaps://ann@example.org:{0}@old.example:993")]
    [InlineData("imaps://ann:x?{0}@old.example")]
    [InlineData("imaps://ann@example.org:x?{0}@old.example")]
    [InlineData("imaps://ann:x@{0}@old.example")]
    [InlineData("imaps://ann:x/{0}@old.example")]
    [InlineData("imaps://ann:x#{0}@old.example")]
    [InlineData("imaps://ann@old.example:{0}")]
    [InlineData("imaps://ann@old.example/{0}")]
    [InlineData("imaps://ann@old.example?{0}")]
    [InlineData("imaps://ann@old.example?password={0}")]
    [InlineData("imaps://ann:{0}")]
    [InlineData("ann:{0}@old.example")]
    public void A_password_is_refused_and_never_repeated(string url)
    {
        var exception = Assert.Throws<ConfigurationException>(() =>
            MailServerUrl.Parse(string.Format(null, url, "hunter2"), "source", s_password)
        );
        Assert.DoesNotContain("hunter2", exception.Message + string.Concat(exception.Errors));
    }
}
