using Microsoft.Extensions.Configuration;
using Migrator.App.Settings;
using Migrator.Core.Failures;
using Migrator.Core.Identity;
using Migrator.Core.Jobs;
using Migrator.Service.Notifications;
using Xunit;

namespace Migrator.Tests.Notifications;

public sealed class NotifySettingsTests
{
    [Fact]
    public void Where_nothing_is_said_nobody_is_notified()
    {
        var settings = Read();
        Assert.Equal(
            (null, 0, null, NotifyOn.Failure, new TimeOnly(7, 0), null),
            (settings.Mail, settings.Webhooks.Count, settings.WebhookSecret, settings.On, settings.DailyAt, settings.Url)
        );
        Assert.True(Recipients.Of(settings, NotifyRule.None, NotifyOn.Failure).IsEmpty);
    }

    [Theory]
    [InlineData(null, 465, TlsMode.Implicit)]
    [InlineData("starttls", 587, TlsMode.StartTls)]
    [InlineData("None", 25, TlsMode.None)]
    public void The_port_follows_from_the_kind_of_tls(string? tls, int port, TlsMode mode)
    {
        var server = Read(("Mail:Host", "mail.example"), ("Mail:From", "m@example.org"), ("Mail:Tls", tls)).Mail!.Server;
        Assert.Equal((port, mode, "", MailProtocol.Smtp), (server.Port, server.Tls, server.User, server.Protocol));
    }

    [Fact]
    public void Lists_may_be_one_line_as_environment_and_command_line_have_them()
    {
        var settings = Read(
            ("Mail:Host", "mail.example"),
            ("Mail:From", "m@example.org"),
            ("Mail:To", "a@example.org, b@example.org"),
            ("On", "failure,daily"),
            ("Webhooks", "env:HOOK1,env:HOOK2")
        );
        Assert.Equal(["a@example.org", "b@example.org"], settings.Mail!.To);
        Assert.Equal((NotifyOn.Failure | NotifyOn.Daily, 2), (settings.On, settings.Webhooks.Count));
    }

    [Fact]
    public void A_login_by_token_has_the_keys_of_a_job_file()
    {
        (string, string?)[] mail =
        [
            ("Mail:Host", "smtp.office365.com"),
            ("Mail:From", "m@contoso.example"),
            ("Mail:User", "m@contoso.example"),
            ("Mail:Auth:Type", "microsoft"),
            ("Mail:Auth:Tenant", "contoso.onmicrosoft.com"),
            ("Mail:Auth:ClientId", "the-application"),
        ];

        var server = Read([
            .. mail,
            ("Mail:Auth:DeviceCode", "True"),
            ("Mail:Auth:Scope", "https://outlook.office.com/SMTP.Send"),
        ]).Mail!.Server;
        var wrong = Assert.Throws<ConfigurationException>(() =>
            Read([.. mail, ("Mail:Password", "env:X"), ("Mail:Auth:ClientSecret", "in-the-open"), ("Mail:Auth:Colour", "red")])
        );

        var tokens = Assert.IsType<MicrosoftTokens>(server.Tokens);
        Assert.Equal(
            (MicrosoftGrant.DeviceCode, "https://outlook.office.com/SMTP.Send", "the-application", AuthMethod.OAuth),
            (tokens.Grant, tokens.Scope, tokens.ClientId, server.Auth)
        );
        Assert.Equal(
            ["Notify:Mail:Auth:ClientSecret", "Notify:Mail:Auth:Colour", "Notify:Mail:Password"],
            wrong.Errors.Select(error => error.Path).Order(StringComparer.Ordinal)
        );
        Assert.DoesNotContain("in-the-open", string.Concat(wrong.Errors));
    }

    [Fact]
    public void Every_error_is_reported_at_once_and_no_secret_with_them()
    {
        var exception = Assert.Throws<ConfigurationException>(() =>
            Read(
                ("Mail:To:0", "boss"),
                ("Mail:Port", "99999"),
                ("Mail:Tls", "ssl"),
                ("Mail:Password", "hunter2-in-the-open"),
                ("Mail:Fingerprint", "12:34"),
                ("Mail:CaFile", "ca.pem"),
                ("Mail:Retries", "3"),
                ("Webhooks:0", "https://chat.example/T024-in-the-open"),
                ("WebhookSecret", "hush-in-the-open"),
                ("On", "always"),
                ("DailyAt", "7 o'clock"),
                ("Url", "migrator.example"),
                ("Sms", "1")
            )
        );

        Assert.Equal(
            [
                "Notify:DailyAt",
                "Notify:Mail:Fingerprint",
                "Notify:Mail:From",
                "Notify:Mail:Host",
                "Notify:Mail:Password",
                "Notify:Mail:Port",
                "Notify:Mail:Retries",
                "Notify:Mail:Tls",
                "Notify:Mail:To",
                "Notify:Mail:User",
                "Notify:On",
                "Notify:Sms",
                "Notify:Url",
                "Notify:WebhookSecret",
                "Notify:Webhooks",
            ],
            exception.Errors.Select(error => error.Path).Order(StringComparer.Ordinal)
        );
        Assert.DoesNotContain("in-the-open", exception.Message + string.Join('\n', exception.Errors));
    }

    [Fact]
    public void A_certificate_is_trusted_in_one_way()
    {
        var exception = Assert.Throws<ConfigurationException>(() =>
            Read(
                ("Mail:To:0", "it@example.org"),
                ("Mail:From", "m@example.org"),
                ("Mail:Host", "mail.example.org"),
                ("Mail:Fingerprint", new string('a', 64)),
                ("Mail:CaFile", "ca.pem")
            )
        );

        Assert.Equal(
            ("Notify:Mail:Fingerprint", "and CaFile are both given; give one of them."),
            (Assert.Single(exception.Errors).Path, exception.Errors[0].Message)
        );
    }

    internal static NotificationSettings Read(params (string Key, string? Value)[] settings) =>
        NotificationSettings.Read(
            new ConfigurationBuilder()
                .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create($"Notify:{setting.Key}", setting.Value)))
                .Build()
        );
}
