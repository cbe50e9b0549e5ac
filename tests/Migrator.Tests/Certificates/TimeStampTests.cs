using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using Migrator.App.Certificates;
using Migrator.Core.Certificates;
using Xunit;

namespace Migrator.Tests.Certificates;

/// <summary>Time stamps by a real authority, and what a hostile one can do: nothing.</summary>
public sealed class TimeStampTests
{
    private const int Large = 1 << 20;

    [Fact]
    public async Task A_time_stamp_is_verified_by_the_program_and_by_openssl()
    {
        using var authority = new TimeStampServer();
        using var issued = await IssuedMailboxes.CreateAsync(authority.Url);

        Assert.Null(issued.WithoutTime);
        Assert.Equal(3, authority.Queries);
        var verification = new CertificateVerification(issued.File("ann"), null);
        verification.Run(TestContext.Current.CancellationToken);
        Assert.Empty(verification.Problems);
        Assert.Equal("CN=Time of a test", verification.Time?.Authority);
        Assert.Empty(await PythonVerifier.CodesAsync(issued.Job, "--tsa-ca", authority.Authority));
    }

    [Fact]
    public async Task A_time_stamp_of_another_signature_is_named()
    {
        using var authority = new TimeStampServer();
        using var issued = await IssuedMailboxes.CreateAsync(authority.Url);
        File.Copy(issued.File("bob", ".tst"), issued.File("ann", ".tst"), overwrite: true);

        Assert.Equal([CertificateProblem.TimeStamp], IssuedMailboxes.Codes(issued.File("ann")));
        Assert.Equal([CertificateProblem.TimeStamp], await PythonVerifier.CodesAsync(issued.File("ann"), "--tsa-ca", authority.Authority));
    }

    public static TheoryData<string> Hostile => ["wrong hash", "huge", "not DER", "empty", "flipped"];

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task A_hostile_answer_is_named_and_spoils_nothing(string kind)
    {
        using var authority = new TimeStampServer(
            kind switch
            {
                "huge" => answer => [.. answer, .. new byte[Large]],
                "not DER" => _ => "<html>"u8.ToArray(),
                "empty" => _ => [],
                "flipped" => answer => [.. answer[..^1], (byte)(answer[^1] ^ 1)],
                _ => null,
            },
            kind == "wrong hash" ? OfOtherData : null
        );
        using var issued = await IssuedMailboxes.CreateAsync(authority.Url);

        Assert.NotEqual(0, authority.Queries);
        Assert.NotNull(issued.WithoutTime);
        Assert.False(File.Exists(issued.File("ann", ".tst")));
        Assert.Empty(IssuedMailboxes.Codes(issued.Job));
        Assert.Empty(await PythonVerifier.CodesAsync(issued.Job));
    }

    [Fact]
    public async Task An_authority_that_is_not_there_spoils_nothing()
    {
        using var issued = await IssuedMailboxes.CreateAsync(new Uri("http://127.0.0.1:1/"));

        Assert.Contains("cannot be reached", issued.WithoutTime);
        Assert.Empty(IssuedMailboxes.Codes(issued.Job));
    }

    private static byte[] OfOtherData(byte[] query)
    {
        Assert.True(Rfc3161TimestampRequest.TryDecode(query, out var given, out _));
        return Rfc3161TimestampRequest
            .CreateFromData("something else"u8, HashAlgorithmName.SHA256, nonce: given.GetNonce(), requestSignerCertificates: true)
            .Encode();
    }
}
