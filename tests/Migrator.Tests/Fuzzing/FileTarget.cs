using System.Text;
using Migrator.Core.Failures;
using Migrator.Files;
using Migrator.Files.Reading;
using Migrator.Tests.Corpus;

namespace Migrator.Tests.Fuzzing;

/// <summary>Mail in files, as programs and people left it.</summary>
/// <param name="file">The name of the file that is changed.</param>
internal sealed class FileTarget(string name, FileFormat format, string file) : FuzzTarget
{
    private readonly string _directory = Directory.CreateTempSubdirectory("migrator-fuzz-").FullName;

    public override string Name => name;

    public override IReadOnlyList<byte[]> Inputs { get; } =
        format == FileFormat.Mbox
            ?
            [
                .. OddMessages
                    .All.Where(message => message.Bytes.Length < 4000)
                    .Chunk(6)
                    .SelectMany(messages =>
                        new[]
                        {
                            Mbox(messages, "From a@example.org Tue Mar  3 09:10:11 2015\n"),
                            Mbox(messages, "From 1500000000000000001@xxx Tue Mar 03 08:10:11 +0000 2015\nX-Gmail-Labels: \"a,b\",Inbox\n"),
                            Mbox(messages, "From - Tue Mar  3 09:10:11 2015\nX-Mozilla-Status: 0001\nX-Mozilla-Status2: 00000000\n"),
                        }
                    ),
            ]
            :
            [
                .. OddMessages.All.Where(message => message.Bytes.Length < 20_000).Select(message => message.Bytes),
                Encoding.Latin1.GetBytes(
                    "30\nSubject: x\n\nbody of 30 bytes.\n<?xml version=\"1.0\"?><plist version=\"1.0\"><dict><key>date-received</key>"
                        + "<integer>1425370211</integer><key>flags</key><integer>8590195713</integer></dict></plist>\n"
                ),
                [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            ];

    public override IReadOnlyList<string> Tokens { get; } =
    [
        "\nFrom a@b Tue Mar  3 09:10:11 2015\n",
        "\n>From ",
        "From ",
        "From \n",
        "\n\n",
        "\r\n",
        "\r",
        "\0",
        "Content-Length: 7\n",
        "Content-Length: 99999999999\n",
        "Status: RO\n",
        "X-Status: AF\n",
        "X-Keywords: a b\n",
        "X-Gmail-Labels: \"a,\n",
        "X-Mozilla-Status: fffff\n",
        "X-Mozilla-Keys: a\n",
        "Received: ((;\n",
        "Received: x; 31 Feb 99999 25:61 +9999\n",
        "Date: Mon, 1 Jan 0001 00:00:00 +1400\n",
        "\u00ff\u00fe",
        "\u00fe\u00ff\0",
        "\u00ef\u00bb\u00bf",
        "\u001f\u008b\b",
        "(\u00b5/\u00fd",
        "<?xml",
        "<key>flags</key><integer>-1</integer>",
    ];

    public override async Task ReadAsync(byte[] input, int origin, CancellationToken stop)
    {
        var path = Path.Combine(_directory, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllBytesAsync(path, input, stop);
        WasRead = false;
        try
        {
            await using var source = await FileSource.OpenAsync(_directory, format, stop);
            await FuzzMailbox.ReadAsync(source, stop);
            _ = source.Findings.Notices;
            WasRead = true;
        }
        catch (MailException exception) when (exception.Message.Contains(_directory, StringComparison.Ordinal))
        {
            // As promised: it names the file.
        }
    }

    public override ValueTask DisposeAsync()
    {
        Directory.Delete(_directory, recursive: true);
        return default;
    }

    private static byte[] Mbox(IEnumerable<OddMessage> messages, string separator) =>
        [.. messages.SelectMany(message => (byte[])[.. Encoding.ASCII.GetBytes(separator), .. message.Bytes, .. "\n"u8])];
}
