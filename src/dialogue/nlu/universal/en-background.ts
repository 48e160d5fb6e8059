/** Things that people say near a telephone and that mean none of the intents. */
export const enBackground = `
it's raining outside | the weather is nice today | I was watching television | turn the television down | the dog is barking | be quiet please kids | where are my keys | dinner is on the table
I went to the shop this morning | we are going on holiday next month | my sister lives in the city | he works at the factory | she is my neighbour | it's on the kitchen table | the red one over there
I have two children | my son is at school | we had a lovely time | the car is in the garage | the bus was late again | I like coffee | I like football | did you see the match | who won the game
play some music | turn on the light | set an alarm | what time is it | what day is it today | what's the weather like | tell me a joke | sing me a song | how old are you | where do you live
I lost my card | my card doesn't work | I forgot my password | I changed my address | I have a new address | I need a loan | I have a question about my bill | I want to change my appointment
my account is locked | the website doesn't work | the app keeps crashing | my internet is slow | my order hasn't arrived | the parcel never came | it came damaged | I'd like a refund
one two three | four five six | seven eight nine | twenty five | a hundred and ten | blue | green | yellow | apple | mountain | john | mary smith | london | new york | chicago illinois
it depends | I'm not sure | I don't know | I have no idea | maybe | perhaps | could be | it's complicated | that's a good question | let's see what happens | you know what I mean | well | so | and | but | the | like
hello | hello hello | hi | good morning | good afternoon | good evening | hey | hi there | how are you | how are you doing | I'm fine how are you | nice to meet you | my name is peter | this is anna
I was born in march | he said he would come | they don't open before nine | it was in the newspaper | I read about it | I heard about it | my mother told me | we talked about it yesterday
that's funny | that's strange | very funny | ha ha | oh my god | wow | oh dear | really | is that so | I see | oh I see | got it | what a day | long time no see`;
