using System.Text.Json;
using Migrator.Core.Providers;
using Migrator.Tests.Telemetry;
using Xunit;

namespace Migrator.Tests.Providers;

public sealed class ProviderProfileTests
{
    [Theory]
    [InlineData("imap.gmail.com", "gmail")]
    [InlineData("outlook.office365.com", "microsoft365")]
    [InlineData("OUTLOOK.OFFICE365.US", "microsoft365-gov")]
    [InlineData("partner.outlook.cn", "microsoft365-cn")]
    [InlineData("imap-mail.outlook.com", "outlook.com")]
    [InlineData("imap.mail.yahoo.com", "yahoo")]
    [InlineData("export.imap.mail.yahoo.com", "yahoo-export")]
    [InlineData("export.imap.aol.com", "yahoo-export")]
    [InlineData("imap.aol.com", "aol")]
    [InlineData("imap.mail.me.com", "icloud")]
    [InlineData("imap.fastmail.com", "fastmail")]
    [InlineData("imap.notgmail.com", "generic")]
    [InlineData("myoffice365.com", "generic")]
    [InlineData("imap.gmail.com.example.org", "generic")]
    public void A_server_is_recognized_by_its_name(string host, string name) =>
        Assert.Equal(name, ProviderProfiles.Choose(null, host, "").Name);

    [Theory]
    [InlineData("* OK Gimap ready for requests from 192.0.2.1 x2mb241876667wmk", "gmail")]
    [InlineData("* OK The Microsoft Exchange IMAP4 service is ready. [TQBXAEgA]", "exchange")]
    [InlineData("* OK Microsoft Exchange IMAP4 service ready. 1f (tcpproxy/15.21.0406.000 BACKENDAUTHENTICATE) [TQ==]", "microsoft365")]
    [InlineData("* OK [CAPABILITY XAPPLEPUSHSERVICE IMAP4 IMAP4rev1 AUTH=ATOKEN] (x) p00-iscream", "icloud")]
    [InlineData("* OK mail.example.org Zimbra IMAP4rev1 server ready", "zimbra")]
    [InlineData("* OK [CAPABILITY IMAP4rev1] Courier-IMAP ready. Copyright 1998-2021 Double Precision, Inc.", "courier")]
    [InlineData("* OK [CAPABILITY IMAP4rev1 SASL-IR] Dovecot (Debian) ready.", "dovecot")]
    [InlineData("* OK ready", "generic")]
    [InlineData("", "generic")]
    public void Elsewhere_it_is_recognized_by_its_greeting(string greeting, string name) =>
        Assert.Equal(name, ProviderProfiles.Choose(null, "mail.example.org", greeting).Name);

    [Fact]
    public void What_the_job_says_counts_first_and_a_host_before_a_greeting()
    {
        Assert.Equal("zimbra", ProviderProfiles.Choose("Zimbra", "imap.gmail.com", "* OK Dovecot ready.").Name);
        Assert.Equal("generic", ProviderProfiles.Choose("generic", "imap.gmail.com", "* OK Dovecot ready.").Name);
        Assert.Equal("gmail", ProviderProfiles.Choose(null, "imap.gmail.com", "* OK Dovecot ready.").Name);
    }

    [Theory]
    [InlineData("aspmx.l.google.com", "gmail")]
    [InlineData("alt1.gmail-smtp-in.l.google.com.", "gmail")]
    [InlineData("contoso-com.mail.protection.outlook.com", "microsoft365")]
    [InlineData("contoso-com.o-v1.mx.microsoft", "microsoft365")]
    [InlineData("hotmail-com.olc.protection.outlook.com", "outlook.com")]
    [InlineData("mta5.am0.yahoodns.net", "yahoo")]
    [InlineData("mx-aol.mail.gm0.yahoodns.net", "aol")]
    [InlineData("mx01.mail.icloud.com", "icloud")]
    [InlineData("in1-smtp.messagingengine.com", "fastmail")]
    [InlineData("mx.example.org", null)]
    public void A_domain_is_recognized_by_who_receives_its_mail(string exchanger, string? name) =>
        Assert.Equal(name, ProviderProfiles.OfMailExchanger(exchanger)?.Name);

    [Fact]
    public void A_job_file_may_name_every_profile()
    {
        using var schema = JsonDocument.Parse(File.ReadAllText(Docs.Path("../jobs/job.schema.json")));
        var names = schema.RootElement.GetProperty("definitions").GetProperty("server").GetProperty("properties").GetProperty("provider");

        Assert.Equal(
            ProviderProfiles.All.Select(profile => profile.Name),
            names.GetProperty("enum").EnumerateArray().Select(name => name.GetString())
        );
    }

    [Fact]
    public void Every_profile_can_be_named_and_is_within_what_a_job_may_ask_for()
    {
        Assert.Equal(ProviderProfiles.All.Count, ProviderProfiles.All.Select(profile => profile.Name).Distinct().Count());
        Assert.All(
            ProviderProfiles.All,
            profile =>
            {
                Assert.True(ProviderProfiles.TryGet(profile.Name, out var same) && same == profile);
                Assert.InRange(profile.Connections, 1, ProviderProfile.MostConnections);
                Assert.InRange(profile.CommandLength, 1000, 16_384);
            }
        );
    }
}
