using System.Text;
using System.Text.RegularExpressions;
using Migrator.App.Certificates;
using Migrator.Core.Certificates;
using Xunit;

namespace Migrator.Tests.Certificates;

/// <summary>Whatever is done to a certificate is named, by the program and by the verifier that was written from the document.</summary>
public sealed class CertificateTamperingTests
{
    private const int Places = 40;

    [Fact]
    public async Task An_intact_certificate_has_no_problems()
    {
        using var issued = await IssuedMailboxes.CreateAsync();

        foreach (var file in new[] { issued.Job, issued.File("ann"), issued.File("bob") })
            await NamedAsync(file, [], issued.Fingerprint);
        Assert.True(File.ReadLines(PythonVerifier.Script).Count() <= PythonVerifier.MostLines);
    }

    [Fact]
    public async Task One_flipped_bit_is_named_wherever_it_is()
    {
        using var issued = await IssuedMailboxes.CreateAsync();
        var file = issued.File("ann");
        var intact = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        for (var place = 0; place < Places; place++)
        {
            var (at, bit) = (intact.Length * place / Places, place % 8);
            byte[] changed = [.. intact];
            changed[at] ^= (byte)(1 << bit);
            await File.WriteAllBytesAsync(file, changed, TestContext.Current.CancellationToken);

            var codes = IssuedMailboxes.Codes(file);

            // A line feed that is none any more joins two lines.
            Assert.Contains(CertificateProblem.LineChanged, codes);
            Assert.True(codes.Intersect([CertificateProblem.Root, CertificateProblem.Signature]).Any(), string.Join(", ", codes));
            Assert.Equal(codes, await PythonVerifier.CodesAsync(file));
        }
    }

    [Fact]
    public async Task A_line_that_was_removed_or_added_is_named()
    {
        using var issued = await IssuedMailboxes.CreateAsync();
        var file = issued.File("ann");
        var intact = await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken);

        for (var place = 0; place < intact.Length - 1; place++)
        {
            await WriteAsync(file, [.. intact[..place], .. intact[(place + 1)..]]);
            await NamedAsync(file, [CertificateProblem.LineRemoved, CertificateProblem.Root]);

            await WriteAsync(file, [.. intact[..(place + 1)], intact[place], .. intact[(place + 1)..]]);
            await NamedAsync(file, [CertificateProblem.LineAdded, CertificateProblem.Root]);
        }
    }

    [Fact]
    public async Task Lines_that_were_numbered_and_checked_again_are_named()
    {
        using var issued = await IssuedMailboxes.CreateAsync();
        var file = issued.File("ann");
        var intact = await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken);

        await WriteAsync(file, Renumbered([.. intact[..2], .. intact[3..]]));
        await NamedAsync(file, [CertificateProblem.Inconsistent, CertificateProblem.Root, CertificateProblem.Signature]);

        // One message is said to be another one.
        var forged = Renumbered([.. intact.Select(line => line.Replace("\"uid\":5,", "\"uid\":6,", StringComparison.Ordinal))]);
        await WriteAsync(file, forged);
        await NamedAsync(file, [CertificateProblem.Root]);

        // With the root of that, only the key is missing.
        var tree = new MerkleTree();
        foreach (var line in forged[..^1])
            tree.Add(Encoding.UTF8.GetBytes(line));
        forged[^1] = Regex.Replace(forged[^1], "(?<=\"root\":\")[0-9a-f]+", tree.Root());
        await WriteAsync(file, Renumbered(forged));
        await NamedAsync(file, [CertificateProblem.Signature]);
    }

    [Fact]
    public async Task A_truncated_file_is_named()
    {
        using var issued = await IssuedMailboxes.CreateAsync();
        var file = issued.File("ann");
        var intact = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        var lastLine = Array.LastIndexOf(intact, (byte)'\n', intact.Length - 2) + 1;

        foreach (var length in new[] { 0, lastLine, intact.Length - 1 })
        {
            await File.WriteAllBytesAsync(file, intact[..length], TestContext.Current.CancellationToken);
            await NamedAsync(file, [CertificateProblem.Truncated]);
        }
        await File.WriteAllBytesAsync(file, intact[..(intact.Length / 2)], TestContext.Current.CancellationToken);
        await NamedAsync(file, [CertificateProblem.LineChanged, CertificateProblem.Truncated]);
    }

    [Fact]
    public async Task Swapped_mailboxes_are_named()
    {
        using var issued = await IssuedMailboxes.CreateAsync();

        Swap(issued.File("ann"), issued.File("bob"));
        await NamedAsync(issued.File("ann"), [CertificateProblem.Signature, CertificateProblem.WrongFile]);

        // With their signatures, each is valid, under the name of the other one.
        Swap(issued.File("ann", ".p7s"), issued.File("bob", ".p7s"));
        await NamedAsync(issued.File("ann"), [CertificateProblem.WrongFile]);
        await NamedAsync(issued.Job, [CertificateProblem.MailboxChanged, CertificateProblem.WrongFile]);
    }

    [Fact]
    public async Task A_mailbox_that_is_missing_or_of_another_time_is_named()
    {
        using var issued = await IssuedMailboxes.CreateAsync();
        File.Delete(issued.File("bob"));
        await NamedAsync(issued.Job, [CertificateProblem.MailboxMissing]);

        // Valid for itself, by the same name and of the same accounts, but by another key, and not what the job has named.
        using var other = await IssuedMailboxes.CreateAsync();
        File.Copy(other.File("bob"), issued.File("bob"));
        File.Copy(other.File("bob", ".p7s"), issued.File("bob", ".p7s"), overwrite: true);
        await NamedAsync(issued.Job, [CertificateProblem.Signer]);
    }

    [Fact]
    public async Task A_signature_that_is_wrong_or_by_another_key_is_named()
    {
        using var issued = await IssuedMailboxes.CreateAsync();
        var (file, signature) = (issued.File("ann"), issued.File("ann", ".p7s"));
        var intact = await File.ReadAllBytesAsync(signature, TestContext.Current.CancellationToken);
        var signed = Encoding.UTF8.GetBytes((await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken))[^1]);
        using var key = issued.OtherKey;

        foreach (
            var wrong in new[]
            {
                [],
                "not DER"u8.ToArray(),
                [.. intact[..^1], (byte)(intact[^1] ^ 1)],
                await File.ReadAllBytesAsync(issued.File("bob", ".p7s"), TestContext.Current.CancellationToken),
            }
        )
        {
            await File.WriteAllBytesAsync(signature, wrong, TestContext.Current.CancellationToken);
            await NamedAsync(file, [CertificateProblem.Signature]);
        }
        File.Delete(signature);
        await NamedAsync(file, [CertificateProblem.Signature]);

        await File.WriteAllBytesAsync(
            signature,
            CertificateSignature.Sign(signed, key, TimeProvider.System),
            TestContext.Current.CancellationToken
        );
        await NamedAsync(file, []);
        await NamedAsync(file, [CertificateProblem.Signer], issued.Fingerprint);
        await NamedAsync(issued.Job, [CertificateProblem.Signer]);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("")]
    [InlineData("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[")]
    [InlineData("{\"n\":1,\"type\":\"folder\",\"state\":[]")]
    [InlineData("{\"n\":1,\"type\":\"message\",\"folder\":3,\"uid\":\"x\",\"state\":\"identical\"")]
    [InlineData("{\"n\":1,\"type\":\"message\",\"folder\":\"A\",\"uid\":-1,\"state\":\"identical\"")]
    [InlineData("{\"n\":1,\"type\":\"nonsense\"")]
    public async Task A_hostile_line_is_a_problem_and_no_crash(string open)
    {
        using var issued = await IssuedMailboxes.CreateAsync();
        var file = issued.File("ann");
        var intact = await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken);
        await WriteAsync(file, [intact[0], Checked(open), .. intact[1..]]);

        Assert.NotEmpty(IssuedMailboxes.Codes(file));
        Assert.NotEmpty(await PythonVerifier.CodesAsync(file));
        Assert.DoesNotContain("Traceback", (await PythonVerifier.RunAsync(file)).Output);
    }

    /// <summary>Both verifiers name these problems, and no other.</summary>
    private static async Task NamedAsync(string file, IReadOnlyList<string> codes, string? trusted = null)
    {
        Assert.Equal(codes, IssuedMailboxes.Codes(file, trusted));
        Assert.Equal(codes, await PythonVerifier.CodesAsync(trusted is null ? [file] : [file, "--trust", trusted]));
    }

    private static Task WriteAsync(string file, string[] lines) =>
        File.WriteAllTextAsync(file, string.Concat(lines.Select(line => line + "\n")), TestContext.Current.CancellationToken);

    private static string[] Renumbered(string[] lines) => [.. lines.Select((line, number) => Checked($"{{\"n\":{number}{Members(line)}"))];

    private static string Members(string line) =>
        line[line.IndexOf(',', StringComparison.Ordinal)..line.LastIndexOf(",\"check\"", StringComparison.Ordinal)];

    private static string Checked(string open) => $"{open},\"check\":\"{ContentHash(open)[..16]}\"}}";

    private static string ContentHash(string text) => Core.Mail.ContentId.Of(Encoding.UTF8.GetBytes(text)).ToString();

    private static void Swap(string one, string other)
    {
        File.Move(one, one + ".swap");
        File.Move(other, one);
        File.Move(one + ".swap", other);
    }
}
