using System.Net;
using System.Text;
using System.Text.Json;
using Migrator.Core.Failures;
using Migrator.Core.Redaction;
using Migrator.Core.Secrets;
using Xunit;

namespace Migrator.Tests.Jobs;

/// <summary>What was read as a secret is not written in any of the ways in which it may come back.</summary>
public sealed class SecretsTests
{
    // One that nothing else in this process could hold, with everything in it that somebody would escape.
    private static string NewSecret() => $"Zq+/=&<\"'\\9ü-{Guid.NewGuid():N}";

    public static TheoryData<string, Func<string, string>> Forms =>
        new()
        {
            { "plain", secret => secret },
            { "percent-encoded", Uri.EscapeDataString },
            { "form", secret => WebUtility.UrlEncode(secret) },
            { "JSON", secret => JsonSerializer.Serialize(secret)[1..^1] },
            { "HTML", secret => WebUtility.HtmlEncode(secret) },
            { "IMAP", secret => secret.Replace("\\", "\\\\").Replace("\"", "\\\"") },
            { "base64", secret => Convert.ToBase64String(Encoding.UTF8.GetBytes(secret)) },
        };

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_secret_is_masked_however_it_is_written(string _, Func<string, string> write)
    {
        var secret = NewSecret();
        SecretRedactor.Add(secret);

        Assert.Equal("before *** after ***.", SecretRedactor.Redact($"before {write(secret)} after {write(secret)}."));
    }

    [Theory]
    [InlineData("\0a\0")]
    [InlineData("\0an\0")]
    [InlineData("\0ann\0")]
    [InlineData("user=ann\u0001auth=Bearer ")]
    public void A_secret_within_base64_is_not_left_readable(string before)
    {
        var secret = NewSecret();
        SecretRedactor.Add(secret);
        var text = Convert.ToBase64String(Encoding.UTF8.GetBytes(before + secret + "\u0001\u0001"));

        var redacted = SecretRedactor.Redact($"AUTHENTICATE PLAIN {text}");

        Assert.Contains("***", redacted);
        // At most what one character at each end shows.
        Assert.InRange(redacted.Length, 0, "AUTHENTICATE PLAIN ".Length + (((before.Length + 4) * 4 / 3) + 4) + "***".Length + 6);
    }

    [Theory]
    [InlineData("Host=db;Username=worker;Password={0};Pooling=true", "password \"{0}\" of worker")]
    [InlineData("DefaultEndpointsProtocol=https;AccountName=a;AccountKey={0};EndpointSuffix=core.windows.net", "key {0}")]
    [InlineData("https://a.blob.core.windows.net/c?sv=2024&sp=rwdl&sig={0}", "GET /c?sp=rwdl&sig={0}")]
    [InlineData("BlobEndpoint=https://a.blob.core.windows.net;SharedAccessSignature=sv=2024&sig={0}", "sig={0}")]
    [InlineData("postgres://worker:{0}@db/migrator", "for worker: {0}")]
    public void What_is_secret_within_a_longer_one_is_masked_separately(string whole, string said)
    {
        var inner = $"K{Guid.NewGuid():N}%3D";
        SecretRedactor.Add(string.Format(whole, inner));

        Assert.DoesNotContain(inner, SecretRedactor.Redact(string.Format(said, inner)));
        Assert.DoesNotContain(Uri.UnescapeDataString(inner), SecretRedactor.Redact(string.Format(said, Uri.UnescapeDataString(inner))));
        Assert.Equal("worker db rwdl", SecretRedactor.Redact("worker db rwdl"));
    }

    [Fact]
    public void The_path_of_a_webhook_is_masked_separately()
    {
        var path = $"/services/T000/B000/K{Guid.NewGuid():N}";
        SecretRedactor.Add($"https://hooks.example.com{path}");

        Assert.Equal("POST *** to hooks.example.com failed", SecretRedactor.Redact($"POST {path} to hooks.example.com failed"));
    }

    [Fact]
    public void The_name_of_a_database_is_no_secret()
    {
        SecretRedactor.Add($"postgres://worker:K{Guid.NewGuid():N}@db/mail-of-all");

        Assert.Equal("in /srv/mail-of-all", SecretRedactor.Redact("in /srv/mail-of-all"));
    }

    [Fact]
    public void A_password_in_a_connection_string_may_hold_what_parts_the_pairs_of_an_address()
    {
        var password = $"a&b=c{Guid.NewGuid():N}";
        SecretRedactor.Add($"Host=db;Password=\"{password}\";Username=x");

        Assert.Equal("for ***!", SecretRedactor.Redact($"for {password}!"));
    }

    [Fact]
    public void What_is_too_short_is_left_and_what_holds_no_secret_is_the_same_text()
    {
        SecretRedactor.Add("short");
        var text = "a short text";

        Assert.Same(text, SecretRedactor.Redact(text));
    }

    [Fact]
    public void Thousands_of_secrets_are_all_found_the_longest_first()
    {
        var root = $"R{Guid.NewGuid():N}";
        foreach (var number in Enumerable.Range(0, 3000))
            SecretRedactor.Add($"{root}-{number}");

        Assert.All(Enumerable.Range(0, 3000), number => Assert.Equal("<***>", SecretRedactor.Redact($"<{root}-{number}>")));
    }

    [Fact]
    public void Failures_of_servers_are_masked_where_they_begin()
    {
        var secret = NewSecret();
        Environment.SetEnvironmentVariable(secret[..1] + "SECRETS_TEST", secret);
        Assert.Equal(
            secret,
            new SecretResolver(null, _ => new SettingLookup(null, "")).Resolve(
                new SecretReference(SecretSource.Env, secret[..1] + "SECRETS_TEST"),
                "a test"
            )
        );

        Assert.Equal("refused ***", new MailException(Reason.AuthenticationFailed, $"refused {secret}").Message);
        Assert.Equal("refused ***", new StorageException(Reason.AccessDenied, $"refused {secret}").Message);
        Assert.Equal("refused ***", new Core.Checkpoints.CheckpointException($"refused {secret}").Message);
        Assert.Equal("refused ***", new Core.JobRuns.JobRunStoreException($"refused {secret}").Message);
        Assert.Equal("refused ***", new Failure("x", $"refused {secret}", "").Detail);
        Assert.Equal("refused ***", new Failure("x", $"refused {secret}", "") with { } is var failure ? failure.Detail : "");
    }
}
