using System.Text;
using Migrator.Core.Archives.Headers;
using Migrator.Core.Mail;
using Migrator.Mail.Search;
using Migrator.Tests.Corpus;

namespace Migrator.Tests.Fuzzing;

/// <summary>Header records of an archive, once decrypted.</summary>
internal sealed class HeaderRecordTarget : FuzzTarget
{
    public override string Name => "header-record";

    public override IReadOnlyList<byte[]> Inputs { get; } =
    [
        .. OddMessages
            .All.Where(message => message.Bytes.Length < 20_000)
            .Chunk(5)
            .Select(messages =>
            {
                var bytes = new MemoryStream();
                using var writer = new BinaryWriter(bytes, Encoding.UTF8);
                foreach (var message in messages)
                    HeaderCodec.Write(
                        writer,
                        HeaderSplitter.Split(ContentId.Of(message.Bytes), message.Bytes.Length, message.Bytes, HeaderLimits.Kept)
                    );
                writer.Flush();
                return bytes.ToArray();
            }),
    ];

    public override IReadOnlyList<string> Tokens { get; } =
    ["\u00ff\u00ff\u00ff\u00ff\u000f", "\u0080\u0080\u0080\u0080\u0080", "\u007f", "\0\0\0\0"];

    public override Task ReadAsync(byte[] input, int origin, CancellationToken stop)
    {
        WasRead = false;
        try
        {
            foreach (var record in HeaderCodec.Read(input))
                _ = MessageHeaders.Of(record);
            WasRead = true;
        }
        catch (InvalidDataException)
        {
            // As promised.
        }
        return Task.CompletedTask;
    }
}
