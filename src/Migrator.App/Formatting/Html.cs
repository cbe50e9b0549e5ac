using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using Migrator.Core.Redaction;

namespace Migrator.App.Formatting;

/// <summary>Collects a page. Literal text goes in as it is, and whatever is in a hole is encoded: a subject cannot
/// get into the page in any other way, for there is no method that takes a plain string.</summary>
public sealed class Html
{
    private static readonly HtmlEncoder s_encoder = HtmlEncoder.Create(UnicodeRanges.All);

    private readonly StringBuilder _text = new();

    public Html Add([InterpolatedStringHandlerArgument("")] Encoded text)
    {
        _ = text; // Building it has written it.
        return this;
    }

    public Html AddStyle()
    {
        _text.Append(PageStyle.Css);
        return this;
    }

    public override string ToString() => _text.ToString();

    [InterpolatedStringHandler]
    public readonly ref struct Encoded
    {
        private readonly Html _html;

        /// <summary>The compiler asks for the first two.</summary>
        public Encoded(int literalLength, int holes, Html html) => _html = html;

        public void AppendLiteral(string literal) => _html._text.Append(literal);

        /// <summary>Words of our own, also in attributes. Not isolated: see <see cref="BidiIsolate"/> for what strangers wrote.</summary>
        public void AppendFormatted(string? value) =>
            _html._text.Append(s_encoder.Encode(TextSanitizer.ForPage(SecretRedactor.Redact(value ?? ""))));

        public void AppendFormatted(long value) => _html._text.Append(Format.Count(value));

        public void AppendFormatted(BidiIsolate value)
        {
            _html._text.Append("<bdi>");
            foreach (var (index, part) in (value.IsPath ? value.Text.Split('/') : [value.Text]).Index())
            {
                // A browser breaks it there first: elsewhere a long name would be broken within a word.
                if (index > 0)
                    _html._text.Append("/<wbr>");
                AppendFormatted(part);
            }
            _html._text.Append("</bdi>");
        }
    }
}
